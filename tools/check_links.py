#!/usr/bin/env python3
"""Every relative link in README.md, CHANGELOG.md, docs/, tests/ and src/*/README.md leads to a file that is
there, and every docs/*.md path that the code's comments name exists."""
import pathlib
import re
import sys

root = pathlib.Path(__file__).resolve().parent.parent
bad = checked = 0
pages = [root / "README.md", root / "CHANGELOG.md", *sorted((root / "docs").rglob("*.md")), *sorted((root / "tests").glob("*.md")),
         *sorted((root / "src").glob("*/README.md"))]
for page in pages:
    for number, line in enumerate(page.read_text().splitlines(), 1):
        for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", line):
            if "://" in target:
                continue
            checked += 1
            if not (page.parent / target).exists():
                print(f"{page.relative_to(root)}:{number}: no such file: {target}")
                bad += 1
for path in sorted([*(root / "src").rglob("*.[ch]pp"), *(root / "tests").rglob("*.[ch]pp")]):
    for number, line in enumerate(path.read_text().splitlines(), 1):
        for target in re.findall(r"\bdocs/[\w/.-]+\.md\b", line):
            checked += 1
            if not (root / target).exists():
                print(f"{path.relative_to(root)}:{number}: no such file: {target}")
                bad += 1
print(f"check_links: {checked} links in {len(pages)} pages and the code, {bad} faults")
sys.exit(bad > 0)
