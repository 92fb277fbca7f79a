// Blocks of a lossy picture that are kept exactly. Drawings, text and dither are what no transform of 16x16 pixels
// was made for, and what the plane coder takes next to nothing for. docs/format.md section 5.11.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "bitstream/container.hpp"
#include "codec/view.hpp"
#include "model/photo_config.hpp"
#include "vaec/image_view.hpp"

namespace vaec::codec {

// Some of a picture's blocks: the cells of the latent, 16x16 pixels each, the last of a side cut off by its edge.
struct BlockMask {
  BlockMask(std::uint32_t width, std::uint32_t height);

  [[nodiscard]] bool has(std::size_t row, std::size_t column) const {
    return blocks[row * columns + column] != 0;
  }
  [[nodiscard]] bool any() const;
  // Whether a pixel's block is one of them.
  [[nodiscard]] bool has_pixel(std::size_t x, std::size_t y) const {
    return has(y / model::kLatentStride, x / model::kLatentStride);
  }

  std::size_t columns, rows;
  std::vector<std::uint8_t> blocks;  // row by row, 1: chosen
};

// The chunks' content.
struct ExactBlocks {
  std::vector<std::byte> plan;
  std::uint32_t band_rows = 0;  // of pixels, whole blocks
  std::vector<std::vector<std::byte>> streams;

  [[nodiscard]] std::size_t bytes() const;
};

// The colours of these blocks, one at least; `at_once` bands at the same time. Makes a copy of the picture's colours.
[[nodiscard]] ExactBlocks encode_exact_blocks(const ImageView& image, const BlockMask& mask, int at_once);

// Puts what `frame` shows of the blocks into the image, over what is there. Throws Error kCorrupt.
void decode_exact_blocks(const bitstream::Container& container, const Frame& frame, const ImageBuffer& image,
                         int at_once);

// Decodes them. Throws Error kCorrupt.
void check_exact_blocks(const bitstream::Container& container, int at_once);

}  // namespace vaec::codec
