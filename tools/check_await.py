#!/usr/bin/env python3
"""The await rule (gcc 12 miscompiles the rest): one co_await per statement, written as
`co_await f(args);`, `auto x = co_await f(args);` or `co_return co_await f(args);`,
with no braces, no lambda and no ?: in that statement. A heuristic that errs towards flagging: the
cure is always a name. docs/adr/0002-await-rule.md"""
import pathlib
import re
import sys

root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parent.parent)
HEAD = re.compile(
    r"^(?:(?:auto|[\w:<>,\s&*]+?)\s*(?:\[[^\]]*\]|[\w.\->\[\]]+)\s*=\s*|co_return\s+|\(void\)\s*)?co_await\b"
)
LABEL = re.compile(r"^(?:else\b|do\b|case\s+[\w:]+\s*:(?!:)|default\s*:)\s*")
CONTROL = re.compile(r"^(?:if|while|for|switch)\s*(?:constexpr\s*)?\(")


def statement_start(code: str, at: int) -> int:
    """Just after the `;`, `{` or `}` before `at`, those inside parentheses not counted."""
    depth = 0
    for i in range(at - 1, -1, -1):
        if code[i] == ")":
            depth += 1
        elif code[i] == "(":
            depth -= 1
        elif code[i] in ";{}" and depth <= 0:
            return i + 1
    return 0


def without_control(stmt: str) -> str:
    """`if (x) co_await f();` -> `co_await f();`: the head is a statement's frame, unless it awaits."""
    while True:
        if label := LABEL.match(stmt):
            stmt = stmt[label.end():]
        elif head := CONTROL.match(stmt):
            depth, i = 1, head.end()
            while i < len(stmt) and depth:
                depth += {"(": 1, ")": -1}.get(stmt[i], 0)
                i += 1
            if "co_await" in stmt[:i]:
                return stmt
            stmt = stmt[i:].lstrip()
        else:
            return stmt


files = [root] if root.is_file() else [p for d in ("src", "tests", "bench") for p in (root / d).rglob("*.[ch]pp")]
bad = 0
for path in sorted(files):
    code = re.sub(r"//[^\n]*", "", path.read_text())
    code = re.sub(r'R"(\w*)\((.*?)\)\1"', lambda m: '""' + "\n" * m.group(0).count("\n"), code, flags=re.S)
    code = re.sub(r'"(?:\\.|[^"\\\n])*"', '""', code)
    faults = []
    for m in re.finditer(r"\bco_await\b", code):
        start = statement_start(code, m.start())
        depth, end = 0, m.end()
        while end < len(code) and depth >= 0 and not (code[end] == ";" and depth == 0):
            depth += {"(": 1, "{": 1, "[": 1, ")": -1, "}": -1, "]": -1}.get(code[end], 0)
            end += 1
        stmt, tail = without_control(code[start:end].strip()), code[m.end() : end]
        if depth < 0 or not HEAD.match(stmt):
            why = "co_await must start the statement or its initialiser"
        elif "co_await" in tail:
            why = "one co_await per statement"
        elif "{" in tail:
            why = "no braces in a statement with co_await: build the value first"
        elif re.search(r"(?<![\w\])])\[", tail):
            why = "no lambda in a statement with co_await: name it first"
        elif "?" in tail:
            why = "no ?: in a statement with co_await"
        else:
            continue
        faults.append((m.start(), why))
    # What this file cannot see at the call: a coroutine's default argument `= {}`.
    for m in re.finditer(r"\bTask<[^;{}()]*>\s+\w+\([^;{}]*=\s*(?:\w+\{|\{)", code):
        faults.append((m.start(), "no default arguments on a coroutine"))
    for at, why in faults:
        print(f"{path}:{code.count(chr(10), 0, at) + 1}: {why}")
    bad += len(faults)
print(f"check_await: {len(files)} files, {bad} faults")
sys.exit(bad > 0)
