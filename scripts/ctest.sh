#!/usr/bin/env bash
# Runs tests of build/asan, as it stands. usage: scripts/ctest.sh [CTEST-ARGUMENT…]
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/sanitizer_options.sh
# Tests that start servers take free ports, so that they may run side by side.
exec ctest --test-dir build/asan --output-on-failure --no-tests=error --parallel 2 "$@"
