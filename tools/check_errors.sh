#!/usr/bin/env bash
# check_errors.sh PRINT_ERRORS: docs/errors.md is what the table in src/base/problem.cpp says.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
if ! diff -u docs/errors.md <("$1"); then
    echo "docs/errors.md is out of date; run: $1 >docs/errors.md"
    exit 1
fi
