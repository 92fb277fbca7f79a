// What golden files are known by: FNV-1a (Fowler, Noll and Vo) of what they decode to.
#pragma once

#include <cstdint>
#include <span>

#include "vaec/image.hpp"

namespace vaec {

inline constexpr std::uint64_t kHashStart = 0xcbf29ce484222325, kHashPrime = 0x100000001b3;

// Of colours and alpha, a sample at a time.
inline std::uint64_t hash_of(const Image& image) {
  std::uint64_t hash = kHashStart;
  const auto add = [&](const auto& samples) {
    for (const auto sample : samples) hash = (hash ^ sample) * kHashPrime;
  };
  add(image.samples);
  add(image.samples16);
  add(image.alpha);
  add(image.alpha16);
  return hash;
}

// Of integers, the bytes of each from the least significant on.
inline std::uint64_t hash_of(std::span<const std::int32_t> values) {
  std::uint64_t hash = kHashStart;
  for (const auto value : values) {
    for (int shift = 0; shift < 32; shift += 8)
      hash = (hash ^ (static_cast<std::uint32_t>(value) >> shift & 0xFF)) * kHashPrime;
  }
  return hash;
}

}  // namespace vaec
