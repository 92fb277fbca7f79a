// Alpha as the bands of its chunk, several at the same time.
#pragma once

#include <cstddef>
#include <vector>

#include "bitstream/container.hpp"
#include "codec/view.hpp"
#include "vaec/image_view.hpp"

namespace vaec::codec {

// The streams of a picture's bands of kAlphaBandRows rows.
[[nodiscard]] std::vector<std::vector<std::byte>> encode_alpha_bands(const ImageView& image);

// Puts what a frame shows of alpha into that of `image`: only the bands that it needs are decoded.
// Throws Error kCorrupt.
void decode_alpha_bands(const bitstream::Container& container, const Frame& frame, const ImageBuffer& image);

// Decodes all bands, for nobody. Throws Error kCorrupt.
void check_alpha_bands(const bitstream::Container& container);

}  // namespace vaec::codec
