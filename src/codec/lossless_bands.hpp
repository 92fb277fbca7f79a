// Bands of pixel rows, each a stream that decodes alone: the CRC-32C of its samples, then what the plane coder made of
// them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "codec/lossless_plan.hpp"
#include "vaec/image_view.hpp"

namespace vaec::codec {

// A megapixel or so: smaller bands learn their statistics less well, larger ones leave threads without work.
[[nodiscard]] std::uint32_t lossless_band_rows(std::uint32_t width, std::uint32_t height);

[[nodiscard]] PixelLayout layout_of(const ImageView& image);

// The rows top..top + rows - 1.
[[nodiscard]] std::vector<std::byte> encode_lossless_band(const ImageView& image, const LosslessPlan& plan,
                                                          std::uint32_t top, std::uint32_t rows);

// Hands `sink` the rows of a band, from 0, the samples of a pixel side by side. Throws Error kCorrupt; the checksum is
// verified last.
void decode_lossless_band(std::span<const std::byte> stream, const LosslessPlan& plan,
                          const PixelLayout& pixel, std::uint32_t width, std::uint32_t rows,
                          const entropy::RowSink& sink);

}  // namespace vaec::codec
