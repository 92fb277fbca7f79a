#include "codec/torch/pixel_tensor.hpp"

#include <ATen/Parallel.h>

#include <algorithm>
#include <limits>

#include "codec/pixels.hpp"

namespace vaec::codec {
namespace {

template <typename Sample>
torch::Tensor pixels_of(const ImageView& image, std::int64_t top, std::int64_t left, std::int64_t height,
                        std::int64_t width) {
  constexpr auto kLargest = static_cast<float>(std::numeric_limits<Sample>::max());
  auto out = torch::empty({height, width, 3}, torch::kFloat32);
  auto* to = out.data_ptr<float>();
  const std::int64_t green = image.channels == 3 ? 1 : 0, blue = image.channels == 3 ? 2 : 0;
  at::parallel_for(0, height, 16, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t row = begin; row < end; ++row) {
      const auto* from = row_of<Sample>(
          image.colour, static_cast<std::size_t>(std::min<std::int64_t>(top + row, image.height - 1)));
      auto* line = to + row * width * 3;
      for (std::int64_t column = 0; column < width; ++column) {
        const auto* sample =
            from + std::min<std::int64_t>(left + column, image.width - 1) * image.colour.step;
        line[3 * column] = static_cast<float>(sample[0]) / kLargest;
        line[3 * column + 1] = static_cast<float>(sample[green]) / kLargest;
        line[3 * column + 2] = static_cast<float>(sample[blue]) / kLargest;
      }
    }
  });
  return out.permute({2, 0, 1}).unsqueeze(0);
}

}  // namespace

torch::Tensor pixels(const ImageView& image, std::int64_t top, std::int64_t left, std::int64_t height,
                     std::int64_t width) {
  if (image.bit_depth == 16) return pixels_of<std::uint16_t>(image, top, left, height, width);
  return pixels_of<std::uint8_t>(image, top, left, height, width);
}

}  // namespace vaec::codec
