#!/usr/bin/env bash
# On a busy machine: each command as it comes against the same with -j 1. Prints a table and fails if one takes more than 1.3
# times as long: nothing in vaec may wait for threads that other programs keep from running. Takes some minutes.
#   tools/bench/busy.sh [PICTURE]        by default data/sample.png
# VAEC: the program (build/release/vaec); BUSY: how many busy loops run beside it (two a core); RUNS: of each command (5).
set -euo pipefail

picture=$(realpath -- "${1:-$(dirname "$0")/../../data/sample.png}")
cd "$(dirname "$0")/../.."
readonly VAEC=${VAEC:-build/release/vaec} BUSY=${BUSY:-$((2 * $(nproc)))} RUNS=${RUNS:-5} MOST=1.3
[[ -x $VAEC ]] || { echo "busy: $VAEC: build it first (tools/build.sh vaec)" >&2; exit 1; }

work=$(mktemp -d)
loops=()
clean_up() {
  ((${#loops[@]} == 0)) || kill "${loops[@]}" 2>/dev/null || true
  rm -rf "$work"
}
trap clean_up EXIT
mkdir "$work/pictures"
cp -- "$picture" "$work/pictures/"
"$VAEC" compress "$picture" -o "$work/a.vaec" --quiet

# Seconds of a command, whole.
seconds_of() {
  local begin=$EPOCHREALTIME
  "$VAEC" "$@" >/dev/null 2>"$work/errors" || { cat "$work/errors" >&2; exit 1; }
  local end=$EPOCHREALTIME
  awk -v begin="${begin/,/.}" -v end="${end/,/.}" 'BEGIN { printf "%.3f\n", end - begin }'
}
median() { sort -g | awk '{ v[NR] = $1 } END { print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }

for ((i = 0; i < BUSY; ++i)); do
  (while :; do :; done) &
  loops+=($!)
done

status=0
printf '%-34s %10s %10s %8s\n' "with $BUSY busy loops, $(nproc) cores" "as it comes" "-j 1" "ratio"
# Runs of both kinds take turns, so that both meet the same machine.
compare() {
  local name=$1 i
  shift
  : >"$work/all" && : >"$work/one"
  for ((i = 0; i < RUNS; ++i)); do
    rm -rf "$work/out" && mkdir "$work/out"
    seconds_of "$@" >>"$work/all"
    rm -rf "$work/out" && mkdir "$work/out"
    seconds_of "$@" -j 1 >>"$work/one"
  done
  local all one
  all=$(median <"$work/all")
  one=$(median <"$work/one")
  awk -v name="$name" -v all="$all" -v one="$one" -v most="$MOST" 'BEGIN {
    printf "%-34s %8.2f s %8.2f s %8.2f%s\n", name, all, one, all / one, (all > most * one ? "  too slow" : "")
    exit (all > most * one) }' || status=1
}
compare "compress" compress "$picture" -o "$work/out/b.vaec"
compare "decompress" decompress "$work/a.vaec" -o "$work/out/b.ppm"
compare "compress -e 4" compress "$picture" -o "$work/out/b.vaec" -e 4
compare "evaluate, one quality" evaluate "$picture" -q 50 --quiet
compare "train, 8 steps" train --data "$work/pictures" -o "$work/out/m.safetensors" --steps 8 --batch 4 --crop 128 --quiet
exit "$status"
