#!/usr/bin/env bash
# Trains on 2 and on 3 machines that are network namespaces here, joined by a bridge: the same steps as one process
# takes, and the end of all when one is gone. As root.
#   tests/network/run.sh VAEC
# Exit status 77: this system lets us make no namespaces; nothing was tried.
set -euo pipefail
readonly vaec=$(realpath "$1")

if [[ ${2:-} != inside ]]; then
  unshare --net --mount --fork true 2>/dev/null || { echo "skipped: no network namespaces here"; exit 77; }
  exec unshare --net --mount --pid --fork --mount-proc "$0" "$1" inside  # all of it is gone with its last process
fi
mount -t tmpfs none /run  # the namespaces' names
cd "$(mktemp --directory)"
trap 'rm -rf "$PWD"' EXIT
fail() { echo "failed: $1" >&2; tail -n 3 rank* >&2; exit 1; }

# Machines of one network, 10.77.0.1 and on.
ip link set lo up
{ ip link add bridge type bridge && ip link set bridge up; } || { echo "skipped: no bridges here"; exit 77; }
for n in 1 2 3; do
  ip netns add machine$n
  ip link add veth$n type veth peer name eth0 netns machine$n
  ip link set veth$n master bridge up
  ip -n machine$n address add 10.77.0.$n/24 dev eth0
  ip -n machine$n link set eth0 up
  ip -n machine$n link set lo up
done

python3 - <<'PYTHON'
import math, random, struct
random.seed(1)
grey = (int(110 + 80 * math.sin(0.1 * (1 + i % 7) * (at % 16) + i)) + random.randrange(30)
        for i in range(120) for at in range(256))
open('in.idx', 'wb').write(struct.pack('>4I', 0x803, 120, 16, 16) + bytes(grey))
PYTHON
train=("$vaec" train --arch mnist --data in.idx --batch 50 -j 1 --keep last)

# start SIZE ARGUMENTS: one process a machine, rank 0 on the first.
start() {
  processes=()
  for ((rank = 0; rank < $1; ++rank)); do
    RANK=$rank WORLD_SIZE=$1 MASTER_ADDR=10.77.0.1 \
      ip netns exec machine$((rank + 1)) "${train[@]}" "${@:2}" &> "rank$rank" &
    processes+=($!)
  done
}
loss() { grep validation "$1" | tail -n 1 | grep -o '"loss":[0-9.]*' | cut -d : -f 2; }

"${train[@]}" --steps 8 -o one.safetensors &> rank0
for size in 2 3; do
  start $size --steps 8 -o many.safetensors -f
  for process in "${processes[@]}"; do wait "$process" || fail "$size machines"; done
  awk -v a="$(loss one.jsonl)" -v b="$(loss many.jsonl)" 'BEGIN { exit !(a > 0 && (a - b) ^ 2 < (1e-5 * a) ^ 2) }' ||
    fail "$size machines: loss $(loss many.jsonl), not $(loss one.jsonl)"
  echo "$size machines: loss $(loss many.jsonl), one process: $(loss one.jsonl)"
done

# A process that dies, and a machine that falls silent: nothing tells of its end.
start 3 --steps 100000000 -o killed.safetensors
while [[ ! -e killed.safetensors ]]; do sleep 0.1; done
kill -KILL "${processes[1]}"
for rank in 0 2; do
  status=0
  wait "${processes[$rank]}" || status=$?
  [[ $status == 1 ]] && grep -q "rank 1 of 3 .* is gone" rank$rank || fail "a killed process: rank $rank ended with $status"
done
[[ -e killed.ckpt ]] || fail "no checkpoint"
echo "a killed process: $(tail -n 1 rank0)"

start 3 --steps 100000000 -o silent.safetensors
while [[ ! -e silent.safetensors ]]; do sleep 0.1; done
ip link set veth2 down
for rank in 0 2; do
  status=0
  wait "${processes[$rank]}" || status=$?
  [[ $status == 1 ]] && grep -q "rank 1 of 3" rank$rank || fail "a silent machine: rank $rank ended with $status"
done
[[ -e silent.ckpt ]] || fail "no checkpoint"
wait "${processes[1]}" && fail "the silent machine trains on"
echo "a silent machine: $(tail -n 1 rank0)"
echo "                  $(tail -n 1 rank1)"
