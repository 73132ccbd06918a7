"""Whether all C++ sources are formatted as .clang-format says. Versions of clang-format differ in what they make of
the same file, so only the one that these are formatted by is asked: with another, or none, this says so and is skipped.
usage: formatting.py [--fix] [FILE…]"""

import re
import shutil
import subprocess
import sys
from pathlib import Path

VERSION = "14"  # Debian 12's
FOLDERS = ("src", "tests", "bench")
SKIPPED = 77  # as tests/tidy/CMakeLists.txt tells ctest


def sources(root):
    return sorted(path for folder in FOLDERS for ending in ("*.h", "*.cc")
                  for path in (root / folder).rglob(ending) if "node_modules" not in path.parts)


def find_tool(name, version):
    """The path of the tool in that version, or None after it was said why there is none."""
    found = "not installed"
    for candidate in (f"{name}-{version}", name):
        path = shutil.which(candidate)
        if not path:
            continue
        found = subprocess.run([path, "--version"], capture_output=True, text=True).stdout
        if re.search(rf"version {version}\.", found):
            return path
    print(f"skipped: needs {name} {version}, as in Debian 12; here is: {found.strip()}")
    return None


def main():
    tool = find_tool("clang-format", VERSION)
    if not tool:
        return SKIPPED
    named = [one for one in sys.argv[1:] if one != "--fix"]
    files = named or sources(Path(__file__).resolve().parents[2])
    how = ["-i"] if "--fix" in sys.argv[1:] else ["--dry-run", "--Werror"]
    code = subprocess.run([tool, *how, *files]).returncode
    print(f"{len(files)} files" + ("; to put them right: make format" if code else ""))
    return code


if __name__ == "__main__":
    sys.exit(main())
