#!/usr/bin/env python3
"""tests/acceptance.md has a row for each of 22 requirements, and every test that it names is there: a file, a method
of it (`test_...`), a sentence of a TEST_CASE ("..."). A name that ends with an ellipsis stands for its beginning."""
import pathlib
import re
import sys

root = pathlib.Path(__file__).resolve().parent.parent
tests = root / "tests"
bad = named = 0
numbers = []
for row in (tests / "acceptance.md").read_text().splitlines():
    cells = re.match(r"\| (\d+) \| .+? \| (.+) \|$", row)
    if not cells:
        continue
    numbers.append(int(cells[1]))
    text = None
    files = 0
    for quoted, sentence in re.findall(r'`([^`]+)`|"([^"]+)"', cells[2]):
        name = quoted or sentence
        if quoted.endswith((".py", ".cpp")):
            files += 1
            text = (tests / name).read_text() if (tests / name).is_file() else None
            if text is not None:
                text = re.sub(r'"\s*\n\s*"', "", text)
            found = text is not None
        else:
            start, whole = name.rstrip("… "), not name.endswith("…")
            before, after = ("def ", "(") if quoted else ('"', '"')
            found = text is not None and before + start + (after if whole else "") in text
        named += 1
        if not found:
            print(f"tests/acceptance.md, {cells[1]}: no such test: {name}")
            bad += 1
    if not files:
        print(f"tests/acceptance.md, {cells[1]}: names no file")
        bad += 1
if numbers != list(range(1, 23)):
    print(f"tests/acceptance.md: rows {numbers}")
    bad += 1
print(f"check_acceptance: {named} names in {len(numbers)} rows, {bad} faults")
sys.exit(bad > 0)
