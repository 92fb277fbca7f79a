// Integers out of a file's bytes, every access checked.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace vaec::image {

enum class Endian { kLittle, kBig };

// The unsigned integer of `size` (1..4) bytes at `offset`; nothing if it does not lie within `bytes`.
[[nodiscard]] inline std::optional<std::uint32_t> read_integer(std::span<const std::byte> bytes,
                                                               std::uint64_t offset, int size,
                                                               Endian endian) {
  if (offset > bytes.size() || bytes.size() - offset < static_cast<std::uint64_t>(size)) return std::nullopt;
  std::uint32_t value = 0;
  for (int i = 0; i < size; ++i) {
    const int index = endian == Endian::kBig ? i : size - 1 - i;
    value = value << 8 | std::to_integer<std::uint32_t>(bytes[offset + static_cast<std::uint64_t>(index)]);
  }
  return value;
}

[[nodiscard]] inline bool has_text_at(std::span<const std::byte> bytes, std::uint64_t offset,
                                      std::string_view text) {
  if (offset > bytes.size() || bytes.size() - offset < text.size()) return false;
  return std::equal(text.begin(), text.end(), bytes.begin() + static_cast<std::ptrdiff_t>(offset),
                    [](char a, std::byte b) { return static_cast<std::byte>(a) == b; });
}

}  // namespace vaec::image
