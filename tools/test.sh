#!/usr/bin/env bash
# Sets up, builds everything and runs all tests.
set -euo pipefail
cd "$(dirname "$0")/.."

./tools/build.sh
# The libraries use threads of their own, so that tests run one after the other.
ctest --preset release
