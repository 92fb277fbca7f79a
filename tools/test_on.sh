#!/usr/bin/env bash
# Tries the README's two commands as a new user would: in a bare root of a Debian suite, with a clean clone of
# the committed HEAD. Needs root and debootstrap.
#   tools/test_on.sh [--again | --anew] [--cache FOLDER] SUITE [COMMAND...]
# SUITE is a name such as bookworm or trixie, COMMAND something else to run in the clone.
# Each run starts from debootstrap's minbase alone. That and the packages downloaded are kept in the cache
# folder, by default ~/.cache/vaec/test_on/SUITE, and so is the root after the run:
#   --again   goes on in the root that the last run left, with its packages, its build and its ccache
#   --anew    makes the minbase anew
# The mirror is the one that apt uses here, or VAEC_DEBIAN_MIRROR.
set -euo pipefail

fail() {
  echo "test_on: $1" >&2
  exit 1
}
usage() { sed -n '2,/^set/{/^#/s/^# \?//p}' "$0"; }

# The second part: runs in a mount namespace of its own, so that what it mounts is gone with its last process,
# however that ends, and nothing outside ever sees it.
if [[ ${1:-} == --inside-namespace ]]; then
  root=$2 packages=$3
  shift 3
  mount -t proc proc "$root/proc"
  mount --rbind /sys "$root/sys"
  mount --rbind /dev "$root/dev"
  mount --bind "$packages" "$root/var/cache/apt/archives"
  # Of the environment only what the network and the processor need.
  mapfile -t passed < <(env | grep -E '^([a-z]+_proxy|[A-Z]+_PROXY|OPENBLAS_[A-Z0-9_]+)=' || true)
  for command in "$@"; do
    echo "test_on: $command"
    SECONDS=0
    env -i "${passed[@]}" HOME=/root TERM="${TERM:-dumb}" LANG=C.UTF-8 \
      PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
      chroot "$root" bash -c "cd /root/vaec && $command"
    echo "test_on: $command: done in $SECONDS s"
  done
  exit
fi

start=fresh
folder=
while (($# > 0)); do
  case $1 in
    --again) start=again ;;
    --anew) start=anew ;;
    --cache) folder=${2:?"--cache needs a folder"} && shift ;;
    --help) usage && exit ;;
    -*) usage >&2 && exit 2 ;;
    *) break ;;
  esac
  shift
done
(($# > 0)) || { usage >&2; exit 2; }
readonly suite=$1
shift
commands=(./tools/quickstart.sh ./tools/test.sh)
(($# == 0)) || commands=("$*")
[[ $suite =~ ^[a-z]+$ ]] || fail "'$suite' is no name of a suite"
((EUID == 0)) || fail "run it as root: it makes a Debian of its own (debootstrap, chroot, mount)"
command -v debootstrap > /dev/null || fail "debootstrap is missing: apt-get install debootstrap"

repository=$(git -C "$(dirname "$0")" rev-parse --show-toplevel)
cache=$(realpath -m -- "${folder:-${XDG_CACHE_HOME:-$HOME/.cache}/vaec/test_on}")/$suite
base=$cache/minbase root=$cache/root packages=$cache/packages
mkdir -p "$packages/partial"
exec {lock}> "$cache/lock"
flock --nonblock "$lock" || fail "another run works in $cache"

remove() { rm -rf --one-file-system -- "$1"; }

# What apt here takes Debian itself from. Empty: debootstrap's own choice.
mirror_of_apt() {
  # shellcheck disable=SC2016  # $(...) is apt-get's own
  apt-get indextargets --format '$(LABEL) $(COMPONENT) $(REPO_URI)' 'Created-By: Packages' 2> /dev/null |
    awk '$1 == "Debian" && $2 == "main" { print $3; exit }' || true
}

make_base() {
  local mirror
  mirror=${VAEC_DEBIAN_MIRROR:-$(mirror_of_apt)}
  remove "$base"
  remove "$base.new"
  debootstrap --variant=minbase "$suite" "$base.new" ${mirror:+"$mirror"}
  # How apt here reaches its mirrors, so that apt there does, too.
  apt-config dump |
    { grep -E '^Acquire::(https?|Check-|Retries|Force|AllowInsecure)' || true; } > "$base.new/etc/apt/apt.conf.d/99host"
  if [[ $mirror == https:* && -f /etc/ssl/certs/ca-certificates.crt ]]; then
    cp /etc/ssl/certs/ca-certificates.crt "$base.new/etc/ssl/certs/"
  fi
  mv "$base.new" "$base"
}

[[ $start != anew ]] || remove "$base"
[[ -d $base ]] || make_base
if [[ $start != again || ! -d $root ]]; then
  remove "$root"
  cp -a --reflink=auto "$base" "$root"
fi
cp -L /etc/resolv.conf /etc/hosts "$root/etc/"

clone=$root/root/vaec
[[ -d $clone ]] || git clone --quiet --depth 1 "file://$repository" "$clone"
git -C "$clone" fetch --quiet --depth 1 "file://$repository" HEAD  # with --again it is an earlier one's
git -C "$clone" reset --quiet --hard FETCH_HEAD
echo "test_on: $suite, $(git -C "$repository" log -1 --format='%h %s')"

unshare --mount --propagation private -- "$(realpath -- "$0")" --inside-namespace "$root" "$packages" "${commands[@]}"
