#!/usr/bin/env bash
# Sets up, builds everything and runs all tests.
set -euo pipefail
cd "$(dirname "$0")/.."

./tools/build.sh
# Two tests at a time a core would be too many: the libraries use threads of their own.
ctest --preset release --parallel "$(nproc)"
