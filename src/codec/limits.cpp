#include "codec/limits.hpp"

#include <string>

#include "vaec/error.hpp"

namespace vaec::codec {

void check_limits(std::uint32_t width, std::uint32_t height, const Limits& limits) {
  if (width > limits.max_side || height > limits.max_side ||
      std::uint64_t{width} * height > limits.max_pixels) {
    throw Error(ErrorCode::kLimit, "image of " + std::to_string(width) + "x" + std::to_string(height) +
                                       " pixels is over the limits of " + std::to_string(limits.max_side) +
                                       " a side and " + std::to_string(limits.max_pixels) + " pixels");
  }
}

void check_image(const Image& image) {
  const auto pixels = std::uint64_t{image.width} * image.height;
  const bool deep = image.bit_depth == 16;
  const auto fits = [&](const auto& here, const auto& other, std::uint64_t count) {
    return here.size() == count && other.empty();
  };
  const auto alpha = image.has_alpha() ? pixels : 0;
  if (pixels == 0 || (image.channels != 1 && image.channels != 3) || (image.bit_depth != 8 && !deep) ||
      !(deep ? fits(image.samples16, image.samples, pixels * image.channels) &&
                   fits(image.alpha16, image.alpha, alpha)
             : fits(image.samples, image.samples16, pixels * image.channels) &&
                   fits(image.alpha, image.alpha16, alpha))) {
    throw Error(ErrorCode::kUsage,
                "an image needs 1 or 3 channels of 8 or 16 bits and as many samples as its size says");
  }
}

void check_effort(int effort) {
  if (effort < kMinEffort || effort > kMaxEffort) {
    throw Error(ErrorCode::kUsage, "effort " + std::to_string(effort) + ", expected 1..9");
  }
}

void check_latent(std::optional<std::uint32_t> in_file, std::uint32_t decoded) {
  if (in_file && *in_file != decoded) {
    throw Error(
        ErrorCode::kCorrupt,
        "the decoded latent does not match its checksum: the file is damaged, or made by a faulty encoder");
  }
}

}  // namespace vaec::codec
