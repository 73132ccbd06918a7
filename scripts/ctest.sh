#!/usr/bin/env bash
# Runs tests of build/asan, as it stands. usage: scripts/ctest.sh [CTEST-ARGUMENT…]
set -euo pipefail
cd "$(dirname "$0")/.."

export ASAN_OPTIONS=${ASAN_OPTIONS:-detect_leaks=1:strict_string_checks=1:detect_stack_use_after_return=1}
export UBSAN_OPTIONS=${UBSAN_OPTIONS:-print_stacktrace=1}
export LSAN_OPTIONS=${LSAN_OPTIONS:-suppressions=$PWD/tests/lsan.supp:print_suppressions=0}
# Tests that start servers take free ports, so that they may run side by side.
exec ctest --test-dir build/asan --output-on-failure --no-tests=error --parallel 2 "$@"
