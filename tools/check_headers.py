#!/usr/bin/env python3
"""Compiles each header of src/ and tests/support alone: check_headers.py BUILD_DIR.
Not those that the build itself compiles alone: the first #include of the .cpp beside them. Flags come from the build's compile_commands.json. Skips the work when no header changed since a
run that passed."""
import hashlib
import json
import os
import pathlib
import shlex
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

root = pathlib.Path(__file__).resolve().parent.parent
build = pathlib.Path(sys.argv[1])


def built_alone(header: pathlib.Path) -> bool:
    source = header.with_suffix(".cpp")
    if not source.is_file():
        return False
    first = next((line for line in source.read_text().splitlines() if line.startswith("#include")), "")
    return first.endswith(f'/{header.name}"') or first.endswith(f'"{header.name}"')


headers = sorted(h for h in [*(root / "src").rglob("*.hpp"), *(root / "tests" / "support").rglob("*.hpp")]
                 if not built_alone(h))
command = shlex.split(next(c for c in json.loads((build / "compile_commands.json").read_text())
                           if "/src/" in c["file"])["command"])
flags = [a for i, a in enumerate(command) if a.startswith(("-I", "-D", "-W", "-std", "-f"))
         or (i and command[i - 1] == "-isystem") or a == "-isystem"]
compiler = next(a for a in command if not a.endswith("ccache"))

seal = hashlib.sha256(" ".join([compiler, *flags]).encode())
for header in headers:
    seal.update(str(header).encode() + header.read_bytes())
stamp = build / "headers_alone.sha256"
if stamp.is_file() and stamp.read_text() == seal.hexdigest():
    print(f"check_headers: {len(headers)} headers, unchanged since they passed")
    sys.exit(0)


def compile_alone(header: pathlib.Path) -> str:
    done = subprocess.run([compiler, *flags, f"-I{root / 'tests'}", "-fsyntax-only", "-x", "c++", "-"],
                          input=f'#include "{header}"\n', capture_output=True, text=True)
    errors = [line for line in done.stderr.splitlines() if "error:" in line]
    if done.returncode == 0:
        return ""
    return f"{header.relative_to(root)} does not compile alone\n  " + "\n  ".join(errors[:3] or [done.stderr[:500]])


with ThreadPoolExecutor(min(2, os.cpu_count() or 1)) as pool:
    faults = [text for text in pool.map(compile_alone, headers) if text]
for text in faults:
    print(text)
if not faults:
    stamp.write_text(seal.hexdigest())
print(f"check_headers: {len(headers)} headers, {len(faults)} faults")
sys.exit(bool(faults))
