#!/usr/bin/env bash
# What CI tries for minutes, for as long as one likes and with other seeds each time, two things side by
# side: seeds of the simulated broker and fuzzing; histories under faults, the bank and the pipeline
# under kill -9. Prints each seed; goes on when something fails, and then ends with 1.
# usage: SOAK_MINUTES=60 [TICKLAKE_SEED=…] scripts/soak.sh
set -euo pipefail
cd "$(dirname "$0")/.."
minutes=${SOAK_MINUTES:-60}
[[ $minutes =~ ^[1-9][0-9]*$ ]] || {
  printf 'error: SOAK_MINUTES=%s\ncause: it is no number of minutes\ntry: SOAK_MINUTES=60\n' "$minutes" >&2
  exit 2
}
source scripts/sanitizer_options.sh
seed=${TICKLAKE_SEED:-$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')}

scripts/build.sh asan ticklake broker_simulation
scripts/build.sh fuzz fuzz_targets
export TICKLAKE=$PWD/build/asan/ticklake DUCKDB_LIBRARY=$PWD/build/deps/lib/libduckdb.so
logs=build/soak
mkdir -p "$logs"
echo "soak: $minutes minutes from seed $seed on (TICKLAKE_SEED=$seed); logs in $logs"

# share PERCENT: the seconds that this is of the whole.
share() { echo $((minutes * 60 * $1 / 100)); }

# attempt NAME COMMAND…: once, with $TICKLAKE_SEED; whether it worked.
attempt() {
  local name=$1 started=$SECONDS
  shift
  if "$@" >"$logs/$name.log" 2>&1; then
    echo "$name: ok after $((SECONDS - started)) s, seed $TICKLAKE_SEED"
  else
    local kept=$logs/$name-$TICKLAKE_SEED.failed.log
    mv "$logs/$name.log" "$kept"
    echo "$name: FAILED after $((SECONDS - started)) s, TICKLAKE_SEED=$TICKLAKE_SEED, see $kept"
    grep -m 3 -E 'to repeat|breaks a promise|FAILED|Error' "$kept" || true
    return 1
  fi
}

# repeat SECONDS NAME COMMAND…: with the seeds that follow, until so much time has gone by.
repeat() {
  local end=$((SECONDS + $1)) failed=0
  shift
  TICKLAKE_SEED=$seed
  export TICKLAKE_SEED
  while ((SECONDS < end)); do
    attempt "$@" || failed=1
    TICKLAKE_SEED=$((TICKLAKE_SEED + 1))
  done
  return $failed
}

in_one_process() {
  local failed=0 targets=(tests/fuzz/*_fuzz.cc)
  export TICKLAKE_SEED=$seed
  TICKLAKE_SIMULATION_SECONDS=$(share 50) attempt simulation \
    build/asan/tests/sim/broker_simulation 1 1 || failed=1
  attempt fuzz scripts/fuzz.sh $(($(share 50) / ${#targets[@]})) || failed=1
  return $failed
}

with_processes() {
  local failed=0 crash=/usr/bin/python3\ -B\ tests/crash
  export TICKLAKE_SEED=$seed
  TICKLAKE_HISTORIES_SECONDS=$(share 40) attempt histories ${crash}/histories_test.py || failed=1
  TICKLAKE_BANK_KILLS=${TICKLAKE_BANK_KILLS:-100} repeat "$(share 20)" bank ${crash}/bank_test.py ||
    failed=1
  repeat "$(share 40)" pipeline-kills \
    env PYTHONPATH=tests/pipeline /usr/bin/python3 -B -m unittest -v kill_test || failed=1
  return $failed
}

in_one_process &
one=$!
with_processes &
other=$!
failed=0
wait $one || failed=1
wait $other || failed=1
if ((failed)); then echo "soak: FAILED (see above)"; else echo "soak: all held"; fi
exit $failed
