#!/usr/bin/env bash
# From a bare Debian to a compressed picture: sets up, builds, compresses and decompresses one picture with
# the shipped model, and says what it cost.
#   tools/quickstart.sh [PICTURE]        by default data/sample.png
set -euo pipefail

readonly QUALITY=50

picture=$(realpath -- "${1:-$(dirname "$0")/../data/sample.png}")
cd "$(dirname "$0")/.."
[[ -f $picture ]] || { echo "quickstart: $picture: no such file" >&2; exit 1; }

./tools/build.sh vaec

readonly VAEC=build/release/vaec
readonly OUT=build/quickstart
mkdir -p "$OUT"
name=$(basename -- "$picture")
name=${name%.*}
packed=$OUT/$name.vaec
restored=$OUT/$name.png
both=$OUT/$name-side-by-side.png

echo
"$VAEC" compress "$picture" -q "$QUALITY" -o "$packed" -f
"$VAEC" decompress "$packed" -o "$restored" -f
echo
"$VAEC" evaluate "$picture" -q "$QUALITY" --side-by-side "$both" -f --quiet
echo
echo "original          $picture, $(stat --format=%s -- "$picture") bytes"
echo "compressed        $packed, $(stat --format=%s -- "$packed") bytes"
echo "decompressed      $restored"
echo "side by side      $both"
