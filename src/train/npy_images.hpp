// Pictures as NumPy saves them: one array (base/npy.hpp) [N, H, W], [N, H, W, 1] or [N, H, W, 3], rows first, of bytes or
// of floats in 0..1.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>

#include "train/picture_array.hpp"

namespace vaec::train {

// Floats ('<f4' or '<f8') become bytes, round(255 * value), in memory of their own; bytes ('|u1') stay where they are,
// with no storage.
// Throws Error kUnreadable: what parse_npy() does, another type or shape, no pixels, a float outside 0..1 or NaN, whose
// place it names.
[[nodiscard]] PictureArray parse_npy_images(std::span<const std::byte> bytes);
// The same of a file, whose name is in the message.
[[nodiscard]] PictureArray read_npy_images(const std::filesystem::path& file);

}  // namespace vaec::train
