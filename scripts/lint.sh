#!/usr/bin/env bash
# Formatting, the rules of the house and clang-tidy. usage: scripts/lint.sh [FILE…]
set -euo pipefail
cd "$(dirname "$0")/.."

mapfile -t files < <(if (($#)); then printf '%s\n' "$@"; else git ls-files '*.h' '*.cc'; fi)
python3 -B tests/tidy/formatting.py "${files[@]}" || [[ $? == 77 ]]  # 77: skipped, which it said
python3 tests/tidy/house_rules.py

if [[ ! $(clang-tidy --version) =~ version\ 14\. ]]; then
  echo "clang-tidy: skipped: the sources are kept by version 14, as in Debian 12"
  exit 0
fi
[[ -f build/asan/compile_commands.json ]] || cmake --preset asan >/dev/null
sources=()
for file in "${files[@]}"; do if [[ $file == src/*.cc ]]; then sources+=("$file"); fi; done
printf '%s\n' "${sources[@]}" |
  xargs -P "$(nproc)" -n 4 clang-tidy -p build/asan --quiet \
    --extra-arg=-Wno-unknown-warning-option --extra-arg=-Wno-unused-command-line-argument
