#!/usr/bin/env bash
# Configures and builds one CMake preset. usage: scripts/build.sh release|asan|tsan|bench|fuzz [TARGET…]
set -euo pipefail
cd "$(dirname "$0")/.."
preset=${1:?usage: scripts/build.sh PRESET [TARGET…]}
shift
if [[ ! -f build/$preset/build.ninja ]]; then
  echo "build: compiling build/$preset for the first time: some minutes on two cores" >&2
  cmake --preset "$preset" >/dev/null
fi
targets=()
for target in "$@"; do targets+=(--target "$target"); done
# In a terminal ninja shows its progress in one line; in a log only what fails is worth a line.
quiet=()
[[ -t 1 ]] || quiet=(-- --quiet)
cmake --build "build/$preset" "${targets[@]}" "${quiet[@]}"
if [[ $preset == release ]]; then ln -sfn release/ticklake build/ticklake; fi
