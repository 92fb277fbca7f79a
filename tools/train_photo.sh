#!/usr/bin/env bash
# Trains `photo` at the lowest priority, for as long as nobody stops it. See --help.
set -euo pipefail

here=$(realpath -- "$(dirname "$0")/..")

usage() {
  cat <<TEXT
Trains the photo model at the lowest priority (nice 19), on all cores, beside whatever else the machine does.

  tools/train_photo.sh [start]     starts, or goes on from the last checkpoint, in the background
  tools/train_photo.sh run         the same in the foreground (Ctrl-C stops it)
  tools/train_photo.sh stop        saves a checkpoint and the model so far, then ends
  tools/train_photo.sh status      the last lines of its log, and images a second

  --data DIR       pictures to train on, searched recursively
  --valid DIR      pictures to validate on, which are not trained on. Both are needed at the first start,
                   and kept for those that follow.
  --init MODEL     the model that the first start begins with (default: the shipped photo model)
  --state DIR      where everything of the run is kept (default: \${XDG_STATE_HOME:-~/.local/state}/vaec/train-photo)
  --program FILE   the vaec to train with, copied into the state's folder when it starts, so that builds do not
                   disturb it (default: build/release/vaec; the copy again, if there is none)
  -- OPTION VALUE...   more options of \`vaec train\`, such as --lr 2e-4; they take the place of the script's own

The state's folder holds photo.safetensors (the moving average of the weights, written every half hour),
photo.ckpt (every 10 minutes), photo.jsonl (the log), photo.png (reconstructions) and messages.txt. All pictures
stand in memory as bytes: for 425 megapixels it takes 1.3 GB, and about 2 GB more to compute.
TEXT
}

fail() {
  echo "train_photo: $1" >&2
  exit "${2:-1}"
}

command=start
data=
valid=
state=${XDG_STATE_HOME:-$HOME/.local/state}/vaec/train-photo
init=$here/models/photo-1.safetensors
program=
# What to train with. The learning rate stays: a decay comes on a branch that is to be shipped. The optimizer's statistics
# are gathered first, since a start without them costs more than 1,600 steps bring. Crops of 256 pixels show the
# hyper-latent four cells a side. The model is that of the last weights: the first hours only make good what a model that
# was annealed loses when the learning rate is up again, and the best of the validations would be the start.
declare -A settings=(
  [--batch]=16 [--crop]=256 [--enlarged]=0.333 [--lr]=4e-4 [--schedule]=constant [--burn-in]=300
  [--minutes]=5256000 [--checkpoint-minutes]=10 [--validation-minutes]=30 [--keep]=last
)
while (($#)); do
  case $1 in
    start | run | stop | status) command=$1 ;;
    --help | -h) usage && exit ;;
    --data | --valid | --init | --state | --program)
      (($# > 1)) || fail "$1 needs a value" 2
      printf -v "${1#--}" %s "$2"
      shift
      ;;
    --)
      while (($# > 2)); do
        settings[$2]=$3
        shift 2
      done
      (($# == 1)) || fail "$2 needs a value" 2
      ;;
    *) fail "what is $1? See tools/train_photo.sh --help" 2 ;;
  esac
  shift
done
readonly LOG=$state/photo.jsonl PID=$state/pid LOCK=$state/lock

# The run holds the lock for as long as it lives, however it ends.
running() { [[ -e $LOCK ]] && ! flock --nonblock --shared "$LOCK" true; }

# Images a second over the last $1 seconds of training (all of it without $1), from the log's steps and seconds.
images_per_second() {
  sed -nE 's/.*"kind":"step".*"seconds":([0-9.e+]+).*"step":([0-9]+).*/\1 \2/p' "$LOG" | awk -v over="${1:-0}" -v batch="${settings[--batch]}" '
    { seconds[NR] = $1; step[NR] = $2 }
    END {
      first = 1
      if (over) for (first = NR; first > 1 && seconds[NR] - seconds[first] < over; --first);
      if (NR > first) printf "%.1f", batch * (step[NR] - step[first]) / (seconds[NR] - seconds[first])
      else printf "-"
    }'
}

status() {
  if running; then
    echo "running, process $(cat "$PID"), in $state"
  else
    echo "not running; its folder: $state"
  fi
  [[ -s $LOG ]] || return 0
  tail -n 5 "$LOG"
  echo "images a second: $(images_per_second 600) over the last ten minutes of training, $(images_per_second 3600) over" \
    "the last hour, $(images_per_second) in all"
}

stop() {
  running || { echo "train_photo: not running" && return; }
  local pid
  pid=$(cat "$PID")
  echo "train_photo: process $pid saves a checkpoint and the model"
  kill -TERM "$pid"
  # On a busy machine the step that is under way and a validation may take long: at full priority, if that is allowed.
  { echo 0 > "/proc/$pid/autogroup"; } 2> /dev/null || true
  local threads=("/proc/$pid/task/"*)
  renice -n 0 -p "${threads[@]##*/}" > /dev/null 2>&1 || true
  while running; do sleep 0.5; done
  tail -n 1 "$state/messages.txt" 2> /dev/null || true  # a run in the foreground has none
}

# Beside the program stand its modules.
copy_program() {
  local from=${program:-$here/build/release/vaec}
  if [[ -x $from ]]; then
    mkdir -p "$state/program"
    cp --remove-destination "$from" "$state/program/vaec"
    cp --remove-destination "$(dirname "$from")"/vaec_*.so "$state/program/"
  elif [[ -n $program || ! -x $state/program/vaec ]]; then
    fail "$from: no such program; build it, or name one by --program"
  fi
}

start() {
  [[ -n $data || ! -e $state/data ]] || data=$(< "$state/data")
  [[ -n $valid || ! -e $state/valid ]] || valid=$(< "$state/valid")
  [[ -n $data && -n $valid ]] || fail "--data and --valid: say where the pictures are" 2
  [[ -d $data ]] || fail "$data: no such folder" 3
  [[ -e $valid ]] || fail "$valid: no such file or folder" 3
  mkdir -p "$state"
  exec 9> "$LOCK"
  flock --nonblock 9 || fail "is running already (process $(cat "$PID"))"
  copy_program
  realpath -- "$data" > "$state/data"
  realpath -- "$valid" > "$state/valid"
  # Kept, since going on needs the sizes of its networks.
  if [[ ! -e $state/init.safetensors ]]; then
    cp "$init" "$state/init.tmp"
    mv "$state/init.tmp" "$state/init.safetensors"
  fi

  local arguments=(train --data "$data" --valid "$valid" --init "$state/init.safetensors" -o "$state/photo.safetensors")
  local name
  for name in "${!settings[@]}"; do arguments+=("$name" "${settings[$name]}"); done
  if [[ -e $state/photo.ckpt ]]; then
    arguments+=(--resume "$state/photo.ckpt")
  else
    arguments+=(--force)  # what a run left that ended before its first checkpoint
  fi
  local run=(nice -n 19 "$state/program/vaec" "${arguments[@]}")
  if [[ $command == run ]]; then
    echo $$ > "$PID"
    exec "${run[@]}"
  fi
  # Linux may share the cores out among sessions first, where the niceness of a process means nothing but that of its
  # session does.
  setsid bash -c 'echo 19 2> /dev/null > /proc/self/autogroup || true; exec "$@"' session "${run[@]}" \
    < /dev/null >> "$state/messages.txt" 2>&1 &
  echo $! > "$PID"
  sleep 2
  running || fail "it ended at once: $(tail -n 1 "$state/messages.txt")"
  echo "train_photo: process $(cat "$PID") trains in $state"
}

case $command in
  start | run) start ;;
  stop) stop ;;
  status) status ;;
esac
