#!/usr/bin/env python3
"""The ten files that took longest to compile, from .ninja_log: check_budget.py BUILD_DIR [SECONDS].
Fails when one took longer than SECONDS of wall time (default 30: the budget is 6 CPU seconds alone on
a core, ADR 0008, and a loaded machine needs several times that). Objects that came from ccache show as 0 s."""
import pathlib
import sys

build = pathlib.Path(sys.argv[1])
limit = float(sys.argv[2]) if len(sys.argv) > 2 else 30.0
exempt = "catch_main.cpp.o"  # Catch2 itself, once
took: dict[str, float] = {}
for line in (build / ".ninja_log").read_text().splitlines()[1:]:
    began, ended, _, output, _ = line.split("\t")
    if output.endswith(".o"):
        took[output] = (int(ended) - int(began)) / 1000
bad = 0
for output, seconds in sorted(took.items(), key=lambda item: -item[1])[:10]:
    over = seconds > limit and not output.endswith(exempt)
    bad += over
    print(f"{seconds:6.1f} s  {output}{'  OVER BUDGET' if over else ''}")
print(f"check_budget: {len(took)} objects, {bad} over {limit:g} s")
sys.exit(bad > 0)
