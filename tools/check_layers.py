#!/usr/bin/env python3
"""Fails when a file includes a module that its CMake line does not list under USES, and when the
USES lists are not in order of layers (a module may use only modules declared above it)."""
import pathlib
import re
import sys

root = pathlib.Path(__file__).resolve().parent.parent
uses: dict[str, set[str]] = {}
generated = {"state_sql.hpp", "bootstrap_texts.hpp", "openapi_text.hpp"}  # made by CMake, each for one module
bad = 0


def report(where: str, what: str) -> None:
    global bad
    print(f"{where}: {what}")
    bad += 1


for name, body in re.findall(r"^adaos_module\((\w+)([^)]*)\)", (root / "CMakeLists.txt").read_text(), re.M):
    listed = re.search(r"\bUSES\b((?:\s+[a-z_]+\b)+)", body)
    wanted = listed.group(1).split() if listed else []
    for other in wanted:
        if other not in uses:
            report("CMakeLists.txt", f"{name} uses {other}, which is not a layer below it")
    uses[name] = {name, *wanted}

for path in sorted((root / "src").rglob("*.[ch]pp")):
    where = path.relative_to(root)
    module = where.parts[1]
    if module not in uses:
        report(str(where), f"{module} is no adaos_module of CMakeLists.txt")
        continue
    for number, line in enumerate(path.read_text().splitlines(), 1):
        found = re.match(r'\s*#\s*include\s+"([^"]+)"', line)
        if not found:
            continue
        first = found.group(1).split("/")[0]
        if found.group(1) in generated:
            continue
        if "/" not in found.group(1) or first == "..":
            report(f"{where}:{number}", 'write #include "module/file.hpp"')
        elif first not in uses[module]:
            report(f"{where}:{number}", f"{module} may not include {first}")

print(f"check_layers: {len(uses)} modules, {bad} faults")
sys.exit(bad > 0)
