#!/usr/bin/env bash
# Every figure of bench/README.md, measured here and now. usage: bench/run.sh [s3|kafka|produce|…]…
set -euo pipefail
cd "$(dirname "$0")/.."
exec python3 -B bench/measure.py "$@"
