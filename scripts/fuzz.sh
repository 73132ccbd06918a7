#!/usr/bin/env bash
# Runs each libFuzzer target for so many seconds; fails if one finds a crash, a hang or a leak.
# usage: scripts/fuzz.sh SECONDS [TARGET…]
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${1:?usage: scripts/fuzz.sh SECONDS [TARGET…]}
shift
scripts/build.sh fuzz fuzz_targets
folder=build/fuzz/tests/fuzz

targets=("$@")
if ((${#targets[@]} == 0)); then
  for source in tests/fuzz/*_fuzz.cc; do targets+=("$(basename "$source" .cc)"); done
fi

failed=0
for target in "${targets[@]}"; do
  # What a run learned is kept, so that the next one goes on from there.
  corpora=("$folder/corpus/$target")
  mkdir -p "${corpora[0]}"
  if [[ -d tests/fuzz/corpus/$target ]]; then corpora+=("tests/fuzz/corpus/$target"); fi
  log=$folder/$target.log
  if "$folder/$target" -max_total_time="$seconds" -rss_limit_mb=512 -timeout=10 -verbosity=1 \
    -print_final_stats=1 -artifact_prefix="$folder/$target-" "${corpora[@]}" >"$log" 2>&1; then
    runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
    echo "$target: ok, $runs inputs in $seconds s"
  else
    echo "$target: FAILED, see $log" >&2
    grep -E '^(SUMMARY|==.*ERROR|.*:[0-9]+: assertion|Test unit written)' "$log" | head -5 >&2 || true
    failed=1
  fi
done
exit $failed
