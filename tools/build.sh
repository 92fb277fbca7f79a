#!/usr/bin/env bash
# Sets up, configures and builds: everything, or the targets that are named. The steps that quickstart.sh and
# test.sh share. VAEC_CMAKE_OPTIONS: more options for cmake, such as -DVAEC_WERROR=ON.
set -euo pipefail
cd "$(dirname "$0")/.."

# A file that includes LibTorch takes about 1.5 GB while it compiles.
readonly MEMORY_PER_JOB_KB=$((1536 * 1024))

./tools/setup.sh

available_kb=$(awk '/^MemAvailable:/ { print $2 }' /proc/meminfo)
jobs=$((available_kb / MEMORY_PER_JOB_KB))
cores=$(nproc)
((jobs <= cores)) || jobs=$cores
((jobs >= 1)) || jobs=1

# shellcheck disable=SC2086  # several options
cmake --preset release ${VAEC_CMAKE_OPTIONS:-}
targets=()
(($# == 0)) || targets=(--target "$@")
cmake --build --preset release --parallel "$jobs" "${targets[@]}"
