#!/usr/bin/env bash
# Installs the Debian packages that building, running and testing vaec needs, and those that are named. Asks
# nothing; what is there already stays as it is, and when nothing is missing, nothing is run and no network is
# needed.
set -euo pipefail

readonly PACKAGES=(
  g++ cmake ninja-build ccache git
  libtorch-dev libopenblas0-pthread  # without OpenBLAS Debian's LibTorch is many times slower
  libgloo-dev  # training on many machines: headers of what LibTorch has linked
  libdnnl-dev  # oneDNN: the networks in coding
  libopencv-dev pkg-config
  libpng-dev libjpeg-dev libwebp-dev libtiff-dev libopenjp2-7-dev libgif-dev libheif-dev libjxl-dev
  libexiv2-dev liblcms2-dev  # EXIF, XMP and colour profiles of pictures
  libcli11-dev libspdlog-dev nlohmann-json3-dev
  libtbb-dev zlib1g-dev
  help2man  # makes the man pages
  dpkg-dev file  # find out what the Debian packages depend on
  gnuplot-nox  # draws the plots of `vaec evaluate`
  libgtest-dev librapidcheck-dev libbenchmark-dev
)

fail() {
  echo "setup: $1" >&2
  exit 1
}

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
  fail "this is neither Debian nor Ubuntu (no dpkg and apt-get): install by hand what tools/setup.sh names"
fi

missing=()
for package in "${PACKAGES[@]}" "$@"; do
  # shellcheck disable=SC2016  # ${...} is dpkg-query's own
  status=$(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null || true)
  [[ $status == installed* ]] || missing+=("$package")
done
if ((${#missing[@]} == 0)); then
  exit 0
fi

as_root=()
if ((EUID != 0)); then
  command -v sudo >/dev/null || fail "run it as root, or install sudo; to be installed: ${missing[*]}"
  as_root=(sudo)
fi
apt() {
  # Through env: sudo drops the variables of its caller.
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get --quiet --yes -o DPkg::Lock::Timeout=300 "$@"
}

echo "setup: installing ${missing[*]}"
apt update || fail "apt-get update failed (see above)"
apt install --no-install-recommends "${missing[@]}" || fail "apt-get install failed (see above)"
