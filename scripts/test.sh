#!/usr/bin/env bash
# Builds with AddressSanitizer and UBSan and runs every test, but for those whose clients come from
# other registries than Debian's and npm's (scripts/test-clients.sh); ctest's last lines give the count.
# With CI=true a fresh seed is tried for some minutes; races are looked for, and clang-tidy is asked.
# usage: scripts/test.sh [CTEST-ARGUMENT…]   for example: scripts/test.sh -L unit -R Csv
set -euo pipefail
cd "$(dirname "$0")/.."

left_out='^(registry-clients|only-in-ci)$'
if [[ ${CI:-} == true ]]; then
  left_out='^registry-clients$'
  export TICKLAKE_SEED=${TICKLAKE_SEED:-$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')}
  # Seconds of a core: seven minutes in all, half of that on two cores.
  targets=(tests/fuzz/*_fuzz.cc)
  fuzz_seconds=$((${TICKLAKE_FUZZ_SECONDS_IN_ALL:-180} / ${#targets[@]}))
  export TICKLAKE_FUZZ_SECONDS=${TICKLAKE_FUZZ_SECONDS:-$((fuzz_seconds > 0 ? fuzz_seconds : 1))}
  export TICKLAKE_SIMULATION_SECONDS=${TICKLAKE_SIMULATION_SECONDS:-90}  # of each of two tests
  export TICKLAKE_HISTORIES_SECONDS=${TICKLAKE_HISTORIES_SECONDS:-60}
  echo "CI: the seed of this run is $TICKLAKE_SEED; a test again:" \
    "TICKLAKE_SEED=$TICKLAKE_SEED CI=true scripts/test.sh -R 'NAME OF THE TEST'"
fi

scripts/build.sh asan
if [[ ${CI:-} == true ]]; then
  scripts/build.sh tsan sink_test table_test query_test gateway_test
  python3 -B tests/tidy/clang_tidy_changed.py --list build/asan || [[ $? == 77 ]]
fi
exec scripts/ctest.sh -LE "$left_out" "$@"
