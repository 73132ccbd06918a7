#!/usr/bin/env bash
# Builds with AddressSanitizer and UBSan and runs every test, but for those whose clients come from
# other registries than Debian's and npm's (scripts/test-clients.sh); ctest's last lines give the count.
# usage: scripts/test.sh [CTEST-ARGUMENT…]   for example: scripts/test.sh -L unit -R Csv
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/build.sh asan
# In CI fuzz targets run for a minute each, histories for five; there are more seeds and kills.
if [[ ${CI:-} == true ]]; then
  export TICKLAKE_FUZZ_SECONDS=${TICKLAKE_FUZZ_SECONDS:-60}
  export TICKLAKE_SIMULATION_SEEDS=${TICKLAKE_SIMULATION_SEEDS:-500}  # of each of two tests
  export TICKLAKE_HISTORIES_SECONDS=${TICKLAKE_HISTORIES_SECONDS:-300}
  export TICKLAKE_BANK_KILLS=${TICKLAKE_BANK_KILLS:-100}
fi
exec scripts/ctest.sh -LE registry-clients "$@"
