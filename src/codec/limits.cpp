#include "codec/limits.hpp"

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <string>

#include "vaec/error.hpp"

namespace vaec::codec {

void check_limits(std::uint32_t width, std::uint32_t height, const Limits& limits) {
  constexpr std::uint32_t kMost = 1U << 28;  // some more samples a row must be countable by an int
  if (std::max(width, height) > std::min(limits.max_side, kMost) ||
      std::uint64_t{width} * height > limits.max_pixels) {
    throw Error(ErrorCode::kLimit, "image of " + std::to_string(width) + "x" + std::to_string(height) +
                                       " pixels is over the limits of " +
                                       std::to_string(std::min(limits.max_side, kMost)) + " a side and " +
                                       std::to_string(limits.max_pixels) + " pixels");
  }
}

namespace {

template <typename Pointer>
bool is_plane(const Plane<Pointer>& plane, const Samples<Pointer>& image, std::uint32_t samples) {
  const std::uint64_t sample = image.bit_depth / 8;
  const auto stride = static_cast<std::uint64_t>(std::abs(static_cast<std::int64_t>(plane.stride)));
  const auto last_pixel = std::uint64_t{image.width - 1} * plane.step;  // below 2^62
  const bool is_aligned = reinterpret_cast<std::uintptr_t>(plane.first) % sample == 0 && stride % sample == 0;
  return plane.first != nullptr && plane.step >= samples && is_aligned &&
         (image.height == 1 || stride / sample >= last_pixel + samples);
}

template <typename Pointer>
void check_members(const Samples<Pointer>& image) {
  if (image.width == 0 || image.height == 0 || image.width > std::numeric_limits<std::int32_t>::max() ||
      image.height > std::numeric_limits<std::int32_t>::max() ||
      (image.channels != 1 && image.channels != 3) || (image.bit_depth != 8 && image.bit_depth != 16)) {
    throw Error(ErrorCode::kUsage, "an image needs pixels, and 1 or 3 channels of 8 or 16 bits");
  }
  if (!is_plane(image.colour, image, image.channels) ||
      (image.has_alpha() && !is_plane(image.alpha, image, 1))) {
    throw Error(ErrorCode::kUsage,
                "an image needs memory for its samples: a pixel's within its step, a row's within the "
                "stride, those of "
                "16 bits at even addresses");
  }
}

std::string size_text(std::uint32_t width, std::uint32_t height, std::uint32_t channels,
                      std::uint32_t bit_depth) {
  return std::to_string(width) + "x" + std::to_string(height) + (channels == 1 ? " grey" : " RGB") + " of " +
         std::to_string(bit_depth) + " bits";
}

}  // namespace

void check_image(const ImageView& image) { check_members(image); }

void check_buffer(const ImageBuffer& image, Size size, std::uint32_t channels, std::uint32_t bit_depth) {
  check_members(image);
  if (image.width != size.width || image.height != size.height || image.channels != channels ||
      image.bit_depth != bit_depth) {
    throw Error(ErrorCode::kUsage,
                "room for " + size_text(image.width, image.height, image.channels, image.bit_depth) +
                    ", the picture is " + size_text(size.width, size.height, channels, bit_depth));
  }
}

void check_quality(int quality) {
  if (quality < kMinQuality || quality > kMaxQuality) {
    throw Error(ErrorCode::kUsage, "quality " + std::to_string(quality) + ", expected 1..100");
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

void check_samples(std::uint32_t in_file, std::uint32_t decoded) {
  if (in_file != decoded) {
    throw Error(
        ErrorCode::kCorrupt,
        "the decoded samples do not match their checksum: the file is damaged, or made by a faulty encoder");
  }
}

}  // namespace vaec::codec
