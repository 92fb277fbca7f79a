#!/usr/bin/env bash
# Builds the fuzz targets with clang and runs each for a while, from the seeds in tests/corpus/:
# `fuzz.sh [SECONDS] [TARGET...]`. Findings are left in build/fuzz/findings/.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${1:-20}
shift || true
targets=("$@")
((${#targets[@]} > 0)) || targets=(container decode entropy idx metadata model picture)

./tools/setup.sh clang libomp-dev
cmake --preset fuzz > /dev/null
cmake --build --preset fuzz --target fuzzers
mkdir -p build/fuzz/findings
export OMP_NUM_THREADS=1 ASAN_OPTIONS=allocator_may_return_null=1
for target in "${targets[@]}"; do
  corpus=build/fuzz/corpus/$target
  mkdir -p "$corpus"
  echo "fuzz: $target for $seconds s"
  "build/fuzz/tools/${target}_fuzz" -max_total_time="$seconds" -timeout=20 -rss_limit_mb=3000 -max_len=4096 \
    -print_final_stats=1 -verbosity=0 -artifact_prefix="build/fuzz/findings/$target-" "$corpus" "tests/corpus/$target"
done
