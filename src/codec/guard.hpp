// What of a picture is drawn rather than seen, and would come back wrong or cost too much as a photograph: text, lines,
// charts, dither, screens. The encoder keeps such blocks, or the whole picture, exactly where that pays.
#pragma once

#include <cstddef>
#include <vector>

#include "codec/exact_blocks.hpp"
#include "vaec/image_view.hpp"

namespace vaec::codec {

// The blocks that may be worth it: those of few colours, or whose pixels repeat. None at all where too little of the
// picture is drawn beyond doubt: of a photograph that is found out within a few pixels a block.
[[nodiscard]] BlockMask drawn_blocks(const ImageView& image);

// What each block costs: bits in proportion to `bits`, and squared errors, summed over its pixels, of code values of
// 8 bits (the mean of the channels').
struct BlockCosts {
  std::vector<double> bits, errors;

  [[nodiscard]] double total_error() const;
  // Of the blocks that are not in the mask.
  [[nodiscard]] double error_without(const BlockMask& mask) const;
};

// Of a lossless coder, in proportion.
[[nodiscard]] std::vector<double> drawn_bits(const ImageView& image, const BlockMask& mask);

// Those of `drawn` that are better kept exactly: where exact bits are fewer than lossy bits + lambda * error.
// `exact_bytes`: what all of `drawn` take; `lossy_bytes`: the whole lossy file.
[[nodiscard]] BlockMask worth_keeping(const BlockMask& drawn, const std::vector<double>& exact_bits,
                                      std::size_t exact_bytes, const BlockCosts& lossy,
                                      std::size_t lossy_bytes, double lambda);

}  // namespace vaec::codec
