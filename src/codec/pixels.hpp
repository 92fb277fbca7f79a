// Between the samples of pictures and the rows of the transforms.
#pragma once

#include <cstddef>
#include <span>

#include "vaec/image_view.hpp"

namespace vaec::codec {

// A row of a plane.
template <typename Sample>
[[nodiscard]] const Sample* row_of(const Plane<const void*>& plane, std::size_t row) {
  const auto* first = static_cast<const std::byte*>(plane.first);
  return reinterpret_cast<const Sample*>(first + static_cast<std::ptrdiff_t>(row) * plane.stride);
}
template <typename Sample>
[[nodiscard]] Sample* row_of(const Plane<void*>& plane, std::size_t row) {
  auto* first = static_cast<std::byte*>(plane.first);
  return reinterpret_cast<Sample*>(first + static_cast<std::ptrdiff_t>(row) * plane.stride);
}

// Room for a picture, alpha counted in if it has some; all samples are 0. `image` must outlive the buffer and
// keep its vectors.
[[nodiscard]] Image make_image(Size size, std::uint32_t channels, std::uint32_t bit_depth, bool has_alpha);
[[nodiscard]] ImageBuffer buffer_of(Image& image);

// A row of the padded picture, `width` RGB pixels with samples 0..255 (of 16 bits: with fractions); beyond
// the picture's edge its last row and column go on. Grey goes to all three channels.
void read_row(const ImageView& image, int row, int width, float* rgb);

// Rounds a row of reconstructed RGB pixels (in 1/64 of a code value of 8 bits) into the picture; what lies
// beyond its edge is dropped. A grey picture gets the channels' mean.
void put_row(const ImageBuffer& image, int row, std::span<const std::int16_t> rgb);

// All of it opaque.
void fill_alpha(const ImageBuffer& image);

}  // namespace vaec::codec
