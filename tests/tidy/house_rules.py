"""Checks the rules of the house that no compiler checks; prints each breach as path:line: rule."""

import re
import sys
from pathlib import Path

MAY_INCLUDE = {
    "base": set(),
    "http": {"base"},
    "market": {"base"},
    "kafka": {"base"},
    "aws": {"http", "base"},
    "broker": {"kafka", "base"},
    "feed": {"kafka", "market", "base"},
    "lake": {"aws", "market", "base"},
    "table": {"lake", "market", "base"},
    "message": {"market", "base"},
    "sink": {"table", "lake", "kafka", "message", "market", "base"},
    "catalog": {"table", "lake", "aws", "market", "base"},
    "query": {"table", "catalog", "lake", "aws", "market", "base"},
    "gateway": {"query", "catalog", "lake", "aws", "http", "kafka", "market", "base"},
    "aws_api": {"query", "catalog", "lake", "aws", "http", "market", "base"},
}
MAY_INCLUDE["cli"] = set(MAY_INCLUDE)

FILE_LINES_MAX = 600
FUNCTION_LINES_MAX = 70
LINE_COLUMNS_MAX = 100

VAGUE_NAMES = re.compile(r"util|helper|manager|misc", re.IGNORECASE)
# Time, files and waiting come in through base's seams, so that tests can stand in for them.
BANNED_CALLS = {
    "the clock": re.compile(r"_clock::now\(|\bgettimeofday\(|\bclock_gettime\(|(?<![\w.>])time\(nullptr"),
    "a sleep": re.compile(r"\bsleep_for\(|\bsleep_until\(|\busleep\(|\bnanosleep\(|(?<!\w)::sleep\("),
    "a raw open": re.compile(r"(?<![\w.>:])::open\(|\bfopen\(|std::[io]?fstream"),
    "rand()": re.compile(r"(?<!\w)s?rand\(|std::random_device"),
}
INCLUDE = re.compile(r'#include "([a-z_]+)/')
FUNCTION_END = re.compile(r"^( ?)( )?}\s*$")


def module_of(path):
    return path.parts[1] if len(path.parts) > 2 and path.parts[0] == "src" else None


def without_comment(line):
    return re.sub(r"//.*", "", line)


def check_line(path, number, line, module, is_test):
    if len(line) > LINE_COLUMNS_MAX:
        yield f"{path}:{number}: a line of {len(line)} columns; at most {LINE_COLUMNS_MAX}"
    include = INCLUDE.match(line)
    if include and module and include.group(1) in MAY_INCLUDE:
        other = include.group(1)
        if other != module and other not in MAY_INCLUDE[module]:
            yield f"{path}:{number}: {module} may not include {other}"
    if module and module != "base" and not is_test:
        code = without_comment(line)
        for what, pattern in BANNED_CALLS.items():
            if pattern.search(code):
                yield f"{path}:{number}: {what} outside base; take it as an argument"


def check_functions(path, lines):
    """A function is what stands between a line that ends in '{' and the '}' of its own indent."""
    opened = None
    for number, line in enumerate(lines, 1):
        if opened is None:
            starts = line.endswith("{") and line[:1] not in (" ", "}", "#", "/")
            is_code = re.match(r"(namespace|class|struct|union|enum|extern|const|constexpr|inline const|static const|TEST|MATCHER)", line)
            if starts and "(" in line and not is_code:
                opened = number
            elif starts and re.search(r"\)\s*(const|override|noexcept|\s)*{$", line) and not re.match(
                    r"(namespace|class|struct|union|enum|extern)", line):
                opened = number
        elif line.startswith("}"):
            length = number - opened + 1
            if length > FUNCTION_LINES_MAX:
                yield f"{path}:{opened}: a function of {length} lines; at most {FUNCTION_LINES_MAX}"
            opened = None


def check_file(path, text):
    lines = text.split("\n")
    module = module_of(path)
    is_test = path.stem.endswith(("_test", "_fuzz", "_bench"))
    if VAGUE_NAMES.search(path.name):
        yield f"{path}:1: a name that says nothing"
    if len(lines) - 1 > FILE_LINES_MAX:
        yield f"{path}:1: a file of {len(lines) - 1} lines; at most {FILE_LINES_MAX}"
    if path.suffix == ".h" and not text.startswith("#pragma once"):
        yield f"{path}:1: a header begins with #pragma once"
    for number, line in enumerate(lines, 1):
        yield from check_line(path, number, line, module, is_test)
    if not is_test:
        yield from check_functions(path, lines)


def main():
    paths = sorted(p for root in ("src", "tests", "bench") for p in Path(root).rglob("*")
                   if p.suffix in (".h", ".cc") and "node_modules" not in p.parts)
    if not paths:
        sys.exit("error: no sources found; run from the root of the checkout")
    breaches = [breach for path in paths for breach in check_file(path, path.read_text())]
    print("\n".join(breaches + [f"{len(paths)} files, {len(breaches)} breaches"]))
    sys.exit(1 if breaches else 0)


if __name__ == "__main__":
    main()
