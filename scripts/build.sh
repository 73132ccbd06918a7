#!/usr/bin/env bash
# Configures and builds one CMake preset. usage: scripts/build.sh release|asan|tsan|bench|fuzz [TARGET…]
set -euo pipefail
cd "$(dirname "$0")/.."
preset=${1:?usage: scripts/build.sh PRESET [TARGET…]}
shift
if [[ ! -f build/$preset/build.ninja ]]; then
  cmake --preset "$preset" -DFETCHCONTENT_FULLY_DISCONNECTED=ON >/dev/null
fi
targets=()
for target in "$@"; do targets+=(--target "$target"); done
cmake --build "build/$preset" "${targets[@]}" -- --quiet
if [[ $preset == release ]]; then ln -sfn release/ticklake build/ticklake; fi
