"""clang-tidy on the sources that changed: since the branch left main, or, on main itself, in its last commits. In CI,
where all files would take too long; `make lint` looks at all. Skipped, which is said, without clang-tidy 14 or a history.
usage: clang_tidy_changed.py [--list] BUILD-FOLDER      --list says what would be looked at, and ends"""

import os
import subprocess
import sys
from pathlib import Path

from formatting import SKIPPED, VERSION, find_tool

ROOT = Path(__file__).resolve().parents[2]
FILES_MAX = int(os.environ.get("TICKLAKE_TIDY_FILES", "24"))  # half a minute of a core each
COMMITS = 40  # on main itself: those that one merge may have brought
MAIN_BRANCHES = ("origin/main", "main")


def git(*arguments):
    """What git prints, or None if it cannot: no git, no repository, no such commit."""
    try:
        done = subprocess.run(["git", "-C", str(ROOT), *arguments], capture_output=True, text=True)
    except OSError:
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def base_commit():
    """Where to compare from, or None if there is nothing to compare with."""
    head = git("rev-parse", "HEAD")
    if head is None:
        return None
    for branch in MAIN_BRANCHES:
        base = git("merge-base", "HEAD", branch)
        if base and base != head:
            return base
    # A shallow clone ends sooner; its oldest commit is what there is to compare with.
    oldest = (git("rev-list", "--first-parent", f"--max-count={COMMITS + 1}", "HEAD") or "").split()
    return oldest[-1] if len(oldest) > 1 else None


def changed_sources(base):
    """The .cc files under src/ to look at, those with most changed lines first. A header is looked
    at through the file beside it."""
    lines = {}
    for row in (git("diff", "--numstat", "--no-renames", base, "--", "src") or "").splitlines():
        added, removed, name = row.split("\t")
        path = ROOT / name
        source = path.with_suffix(".cc")
        if path.suffix in (".h", ".cc") and path.is_file() and source.is_file():
            # Binary files have no numbers; there are none of these endings.
            lines[source] = lines.get(source, 0) + int(added) + int(removed)
    return sorted(lines, key=lambda source: (-lines[source], source))


def main():
    arguments = [one for one in sys.argv[1:] if one != "--list"]
    if len(arguments) != 1:
        print(__doc__)
        return 2
    tool = find_tool("clang-tidy", VERSION)
    if not tool:
        return SKIPPED
    base = base_commit()
    if not base:
        print("skipped: there is no git history to tell what changed; make lint looks at all files")
        return SKIPPED
    changed = changed_sources(base)
    chosen = changed[:FILES_MAX]
    print(f"clang-tidy: {len(chosen)} of {len(changed)} sources that changed since {base[:12]}"
          + (", those with most changes" if len(chosen) < len(changed) else ""), flush=True)
    if "--list" in sys.argv[1:]:
        return 0

    failed = 0
    for source in chosen:
        done = subprocess.run(
            [tool, "-p", arguments[0], "--quiet", "--extra-arg=-Wno-unknown-warning-option",
             "--extra-arg=-Wno-unused-command-line-argument", str(source)],
            capture_output=True, text=True)
        print(f"{source.relative_to(ROOT)}: {'ok' if done.returncode == 0 else 'FAILED'}", flush=True)
        if done.returncode:
            print(done.stdout, done.stderr, flush=True)
            failed = 1
    return failed


if __name__ == "__main__":
    sys.exit(main())
