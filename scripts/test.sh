#!/usr/bin/env bash
# Builds with AddressSanitizer and UBSan and runs every test; ctest's last lines give the count.
# usage: scripts/test.sh [CTEST-ARGUMENT…]   for example: scripts/test.sh -L unit -R Csv
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/build.sh asan

export ASAN_OPTIONS=${ASAN_OPTIONS:-detect_leaks=1:strict_string_checks=1:detect_stack_use_after_return=1}
export UBSAN_OPTIONS=${UBSAN_OPTIONS:-print_stacktrace=1}
export LSAN_OPTIONS=${LSAN_OPTIONS:-suppressions=$PWD/tests/lsan.supp:print_suppressions=0}
# Tests that start servers take free ports, so that they may run side by side.
exec ctest --test-dir build/asan --output-on-failure --no-tests=error --parallel 2 "$@"
