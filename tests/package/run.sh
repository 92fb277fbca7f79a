#!/usr/bin/env bash
# Installs a build into a fresh prefix and uses it from there: the program, its man pages and completion, and the
# library from a program of its own. `run.sh SOURCE BUILD`
set -euo pipefail
source=$1 build=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
prefix=$work/prefix

cmake --install "$build" --prefix "$prefix" > /dev/null
cd "$work"
unset VAEC_MODEL_PATH

# As the build itself was made: a machine that has Ninja need not have make.
generator=$(sed -n 's/^CMAKE_GENERATOR:INTERNAL=//p' "$build/CMakeCache.txt")
cmake -S "$source/tests/package" -B consumer -G "$generator" -DCMAKE_PREFIX_PATH="$prefix" -DCMAKE_BUILD_TYPE=Release > /dev/null
cmake --build consumer > /dev/null
./consumer/round_trip made.vaec | tee said
grep -q "^$prefix/share/vaec/models/photo" said
./consumer/buffer
./consumer/peek made.vaec | tee said
grep -q "^made.vaec: 200x120, 3 channel(s) and alpha of 8 bits, quality 70, model " said
./consumer/errors
./consumer/threads

# The library exports namespace vaec itself: none of the rooms within it, nothing of other libraries.
library=$(find "$prefix" -name libvaec.so)
nm -D --defined-only --demangle "$library" | sed -E 's/^[0-9a-f]* . //' | sort > exported
for name in "vaec::peek(" "vaec::version()" "vaec::Codec::load(" "vaec::find_model(" "typeinfo for vaec::Error"; do
  grep -qF "$name" exported || { echo "not exported: $name"; exit 1; }
done
if grep -vE '^((typeinfo|typeinfo name|vtable) for )?vaec::([A-Z][A-Za-z]*::~?)?[A-Za-z_]+(\[abi:cxx11\])?(\(.*)?$' exported; then
  echo "these are exported, too"
  exit 1
fi

"$prefix/bin/vaec" compress "$source/data/sample.png" -o sample.vaec --quiet
"$prefix/bin/vaec" decompress sample.vaec -o sample.jpg --quiet
test -s sample.jpg

# The Debian packages: the one that codes needs no LibTorch, and says what does.
cpack --config "$build/CPackConfig.cmake" -B packages > /dev/null
version=$(sed -n 's/^set(CPACK_PACKAGE_VERSION "\(.*\)")/\1/p' "$build/CPackConfig.cmake")
for package in vaec vaec-train libvaec-dev; do
  file=$(echo packages/${package}_"$version"_*.deb)
  for field in Package Version Depends Installed-Size; do echo "$field: $(dpkg-deb -f "$file" $field)"; done
  needs_torch=$(dpkg-deb -f "$file" Depends | grep -c libtorch || true)
  [[ $needs_torch == $([[ $package == vaec-train ]] && echo 1 || echo 0) ]]
  [[ $package == vaec ]] || dpkg-deb -f "$file" Depends | grep -qF "vaec (= $version)"
done
dpkg-deb -x packages/vaec_"$version"_*.deb alone
alone/usr/bin/vaec compress "$source/data/sample.png" -o alone.vaec --quiet
alone/usr/bin/vaec decompress alone.vaec -o alone.png --quiet
[[ ! -e alone/usr/include && -e alone/usr/share/doc/vaec/README.md ]]
status=0
alone/usr/bin/vaec compress -e 3 "$source/data/sample.png" -o refined.vaec 2> said || status=$?
[[ $status == 2 ]] && grep -q "install the package vaec-train" said
dpkg-deb -x packages/vaec-train_"$version"_*.deb alone
dpkg-deb -x packages/libvaec-dev_"$version"_*.deb alone
for file in $(cd "$prefix" && find . ! -type d); do
  [[ -e alone/usr/$file || -e alone/usr/${file/lib\//lib\/$(gcc -print-multiarch)\/} ]] || { echo "in no package: $file"; exit 1; }
done

# Completion knows the subcommands, and each option that help shows.
bash -c 'source "$0"; PATH="$1:$PATH"
  complete_line() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _vaec; echo " ${COMPREPLY[*]} "; }
  complete_line vaec comp | grep -q " compress " || exit 1
  complete_line vaec decompress --format w | grep -q " webp " || exit 1
  for command in compress decompress train evaluate embed info sample sweep restore; do
    found=$(complete_line vaec $command --)
    for option in $(vaec $command --help | grep -oE "^  [-a-zA-Z,]*--[a-z0-9-]+" | grep -oE -e "--[a-z0-9-]+"); do
      [[ $found == *" $option "* ]] || { echo "no completion of $command $option"; exit 1; }
    done
  done' "$prefix/share/bash-completion/completions/vaec" "$prefix/bin"
for shell in zsh fish; do
  command -v $shell > /dev/null || continue
  [[ $shell == zsh ]] && zsh -n "$prefix/share/zsh/vendor-completions/_vaec"
  [[ $shell == fish ]] && fish -n "$prefix/share/fish/vendor_completions.d/vaec.fish"
done
if command -v help2man > /dev/null; then
  for page in vaec vaec-compress vaec-decompress vaec-train vaec-evaluate vaec-embed vaec-info vaec-sample vaec-sweep vaec-restore; do
    grep -q "^.SH" "$prefix/share/man/man1/$page.1"
  done
fi
echo "installed, found and used"
