#include "codec/view.hpp"

#include <algorithm>
#include <bit>
#include <string>

#include "codec/pixels.hpp"
#include "vaec/error.hpp"

namespace vaec::codec {
namespace {

constexpr std::uint32_t kLargestScale = 16;

}  // namespace

Frame frame_of(const View& view, std::uint32_t width, std::uint32_t height) {
  if (!std::has_single_bit(view.scale) || view.scale > kLargestScale) {
    throw Error(ErrorCode::kUsage,
                "scale 1/" + std::to_string(view.scale) + ", expected 1, 1/2, 1/4, 1/8 or 1/16");
  }
  if (view == View{.scale = view.scale}) return {0, 0, width, height, view.scale};
  if (view.width == 0 || view.height == 0 || view.x >= width || view.y >= height ||
      view.width > width - view.x || view.height > height - view.y) {
    throw Error(ErrorCode::kUsage, "the region " + std::to_string(view.x) + "," + std::to_string(view.y) +
                                       "," + std::to_string(view.width) + "," + std::to_string(view.height) +
                                       " is not inside the picture of " + std::to_string(width) + "x" +
                                       std::to_string(height));
  }
  const auto widened = [&](std::uint32_t end, std::uint32_t size) {
    return std::min(size, (end + view.scale - 1) / view.scale * view.scale);
  };
  return {view.x / view.scale * view.scale, view.y / view.scale * view.scale,
          widened(view.x + view.width, width), widened(view.y + view.height, height), view.scale};
}

template <typename Sample>
Downscaler<Sample>::Downscaler(const Frame& frame, std::uint32_t channels, const Plane<void*>& result)
    : frame_(frame), channels_(channels), result_(result), sums_(std::size_t{frame.width()} * channels) {}

template <typename Sample>
void Downscaler<Sample>::push(const Sample* samples) {
  const std::uint32_t width = frame_.right - frame_.left;
  for (std::uint32_t x = 0; x < width; ++x) {
    for (std::uint32_t c = 0; c < channels_; ++c) {
      sums_[std::size_t{x / frame_.scale} * channels_ + c] += samples[std::size_t{x} * channels_ + c];
    }
  }
  ++rows_;
  const bool last = frame_.top + done_ * frame_.scale + rows_ == frame_.bottom;
  if (rows_ < frame_.scale && !last) return;
  auto* to = row_of<Sample>(result_, done_);
  for (std::uint32_t x = 0; x < frame_.width(); ++x) {
    const std::uint32_t cells = std::min(frame_.scale, width - x * frame_.scale) * rows_;
    for (std::uint32_t c = 0; c < channels_; ++c) {
      to[std::size_t{x} * result_.step + c] =
          static_cast<Sample>((sums_[std::size_t{x} * channels_ + c] + cells / 2) / cells);
    }
  }
  std::fill(sums_.begin(), sums_.end(), 0);
  rows_ = 0;
  ++done_;
}

template class Downscaler<std::uint8_t>;
template class Downscaler<std::uint16_t>;

}  // namespace vaec::codec

vaec::Size vaec::size_of(const View& view, std::uint32_t width, std::uint32_t height) {
  const auto frame = codec::frame_of(view, width, height);
  return {frame.width(), frame.height()};
}
