#include "codec/pixels.hpp"

#include <ATen/Parallel.h>

#include <algorithm>

namespace vaec::codec {

torch::Tensor pixels(const Image& image, std::int64_t top, std::int64_t left, std::int64_t height,
                     std::int64_t width) {
  auto out = torch::empty({height, width, 3}, torch::kFloat32);
  auto* to = out.data_ptr<float>();
  const std::int64_t channels = image.channels;
  const std::int64_t green = channels == 3 ? 1 : 0, blue = channels == 3 ? 2 : 0;
  at::parallel_for(0, height, 16, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t row = begin; row < end; ++row) {
      const auto* from =
          image.samples.data() + std::min<std::int64_t>(top + row, image.height - 1) * image.width * channels;
      auto* line = to + row * width * 3;
      for (std::int64_t column = 0; column < width; ++column) {
        const auto* sample = from + std::min<std::int64_t>(left + column, image.width - 1) * channels;
        line[3 * column] = static_cast<float>(sample[0]) / 255;
        line[3 * column + 1] = static_cast<float>(sample[green]) / 255;
        line[3 * column + 2] = static_cast<float>(sample[blue]) / 255;
      }
    }
  });
  return out.permute({2, 0, 1}).unsqueeze(0);
}

void put_pixels(Image& image, const torch::Tensor& bytes, std::int64_t top, std::int64_t left) {
  const auto height = std::min<std::int64_t>(bytes.size(0), image.height - top);
  const auto width = std::min<std::int64_t>(bytes.size(1), image.width - left);
  const std::int64_t channels = image.channels;
  const auto* from = bytes.data_ptr<std::uint8_t>();
  for (std::int64_t row = 0; row < height; ++row) {
    const auto* line = from + row * bytes.size(1) * 3;
    auto* to = image.samples.data() + ((top + row) * image.width + left) * channels;
    if (channels == 3) {
      std::copy_n(line, width * 3, to);
    } else {
      for (std::int64_t column = 0; column < width; ++column, line += 3) {
        to[column] = static_cast<std::uint8_t>((line[0] + line[1] + line[2] + 1) / 3);
      }
    }
  }
}

}  // namespace vaec::codec
