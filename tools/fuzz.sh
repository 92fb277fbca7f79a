#!/usr/bin/env bash
# Builds the fuzz targets with clang and runs each for a while, from the seeds in tests/corpus/:
# `fuzz.sh [SECONDS] [TARGET...]`. Findings are left in build/fuzz/findings/.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${1:-20}
shift || true
targets=("$@")
((${#targets[@]} > 0)) || targets=(container decode entropy idx metadata model npy picture predictors)

./tools/setup.sh clang libomp-dev
cmake --preset fuzz > /dev/null
cmake --build --preset fuzz --target "${targets[@]/%/_fuzz}"
mkdir -p build/fuzz/findings
export seconds OMP_NUM_THREADS=1 ASAN_OPTIONS=allocator_may_return_null=1
run_one() {
  local target=$1 log=build/fuzz/findings/$1.log
  mkdir -p "build/fuzz/corpus/$target"
  if "build/fuzz/tools/${target}_fuzz" -max_total_time="$seconds" -timeout=20 -rss_limit_mb=3000 -max_len=4096 \
    -print_final_stats=1 -artifact_prefix="build/fuzz/findings/$target-" \
    "build/fuzz/corpus/$target" "tests/corpus/$target" > "$log" 2>&1; then
    echo "fuzz: $target: $(awk '/number_of_executed_units/ { print $2 }' "$log") inputs in $seconds s, nothing found"
  else
    cat "$log"
    echo "fuzz: $target: FAILED" >&2
    return 1
  fi
}
export -f run_one
printf '%s\n' "${targets[@]}" | xargs --max-procs="$(nproc)" --replace bash -c 'run_one {}'
