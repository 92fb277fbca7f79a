// What every codec tests: before anything is allocated, and of a latent that it decoded.
#pragma once

#include <cstdint>
#include <optional>

#include "vaec/image_view.hpp"
#include "vaec/options.hpp"

namespace vaec::codec {

// Throws Error kLimit.
void check_limits(std::uint32_t width, std::uint32_t height, const Limits& limits);

// A view whose members agree. Throws Error kUsage.
void check_image(const ImageView& image);

// A buffer whose members agree, for just this picture. Throws Error kUsage.
void check_buffer(const ImageBuffer& image, Size size, std::uint32_t channels, std::uint32_t bit_depth);

// Throw Error kUsage.
void check_quality(int quality);
void check_effort(int effort);

// Of the CRC-32C of a decoded latent, and the one that the file has, if any. Throws Error kCorrupt.
void check_latent(std::optional<std::uint32_t> in_file, std::uint32_t decoded);

// The same of the samples of a lossless band.
void check_samples(std::uint32_t in_file, std::uint32_t decoded);

}  // namespace vaec::codec
