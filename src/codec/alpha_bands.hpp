// Alpha as the bands of its chunk, several at the same time.
#pragma once

#include <cstddef>
#include <vector>

#include "bitstream/container.hpp"
#include "codec/view.hpp"
#include "vaec/image.hpp"

namespace vaec::codec {

// The streams of a picture's bands of kAlphaBandRows rows.
[[nodiscard]] std::vector<std::vector<std::byte>> encode_alpha_bands(const Image& image);

// Puts what a frame shows of alpha into `image`: only the bands that it needs are decoded.
// Throws Error kCorrupt.
void decode_alpha_bands(const bitstream::Container& container, const Frame& frame, Image& image);

}  // namespace vaec::codec
