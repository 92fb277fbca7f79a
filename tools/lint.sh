#!/usr/bin/env bash
# Looks at the sources without building them: are they formatted as .clang-format says, and does clang-tidy find any of
# what .clang-tidy names? `lint.sh [SECTION...]`: format, tidy; by default both.
# Other versions of the two tools want other spaces and know other checks, so only Debian 12's count.
set -euo pipefail
cd "$(dirname "$0")/.."

readonly VERSION=14
# A file with LibTorch's headers takes clang-tidy half a minute and more: those rooms are left to the compiler.
readonly WITHOUT_LIBTORCH='/src/(?!nn/|loss/|train/|codec/torch/|plugin/torch\.cpp)'


# Whether a tool has that version; says so if not.
is_version() {
  local found
  found=$("$1" --version | sed -nE 's/.*version ([0-9]+).*/\1/p' | head -n 1)
  [[ $found == "$VERSION" ]] || { echo "lint: not checked: here is $1 $found, and $VERSION is the one that counts"; return 1; }
}

format() {
  ./tools/setup.sh clang-format
  is_version clang-format || return 0
  git ls-files -z '*.cpp' '*.hpp' | xargs -0 clang-format --dry-run -Werror
  echo "lint: formatted"
}

tidy() {
  ./tools/setup.sh clang-tidy
  is_version clang-tidy || return 0
  local log=build/tidy/findings.txt
  cmake --preset tidy > /dev/null
  SECONDS=0
  if ! run-clang-tidy -quiet -j "$(nproc)" -p build/tidy "$WITHOUT_LIBTORCH" > "$log" 2> /dev/null; then
    grep -vE '^clang-tidy|^$' "$log" >&2
    echo "lint: clang-tidy found this" >&2
    return 1
  fi
  echo "lint: clang-tidy found nothing in $(grep -c '^clang-tidy' "$log") files, in $SECONDS s"
}

sections=("$@")
((${#sections[@]})) || sections=(format tidy)
for section in "${sections[@]}"; do
  case $section in
    format | tidy) "$section" ;;
    *) echo "lint: what is $section?" >&2; exit 2 ;;
  esac
done
