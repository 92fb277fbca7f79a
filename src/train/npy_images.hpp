// Pictures as NumPy saves them: one array (base/npy.hpp) [N, H, W], [N, H, W, 1] or [N, H, W, 3], rows first, of bytes or
// of floats in 0..1.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>

namespace vaec::train {

struct NpyImages {
  std::size_t count = 0, rows = 0, columns = 0, channels = 0;  // each at least 1; 1 or 3 channels
  std::span<const std::uint8_t> samples;  // count * rows * columns * channels, channels interleaved
  std::shared_ptr<const void> storage;    // keeps them; null: they stand in the bytes that were parsed
};

// Floats ('<f4' or '<f8') become bytes, round(255 * value), in memory of their own; bytes ('|u1') stay where they are.
// Throws Error kUnreadable: what parse_npy() does, another type or shape, no pixels, a float outside 0..1 or NaN, whose
// place it names.
[[nodiscard]] NpyImages parse_npy_images(std::span<const std::byte> bytes);
// The same of a file, whose name is in the message.
[[nodiscard]] NpyImages read_npy_images(const std::filesystem::path& file);

}  // namespace vaec::train
