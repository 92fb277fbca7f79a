#include "codec/torch/small_picture.hpp"

#include <algorithm>

#include "codec/limits.hpp"
#include "codec/pixels.hpp"
#include "vaec/error.hpp"

namespace vaec::codec {

std::string size_text(std::uint32_t width, std::uint32_t height, std::uint32_t channels) {
  return std::to_string(width) + "x" + std::to_string(height) +
         (channels == 1   ? " grey"
          : channels == 3 ? " RGB"
                          : " with other channels");
}

torch::Tensor small_picture(const ImageView& image, const nn::GaussianVaeConfig& config) {
  const auto rows = static_cast<std::uint32_t>(config.rows),
             columns = static_cast<std::uint32_t>(config.columns);
  check_image(image);
  if (image.has_alpha() || image.bit_depth != 8) {
    throw Error(ErrorCode::kUnreadable, "an mnist model codes 8-bit pictures without alpha only");
  }
  const auto colours = static_cast<std::uint32_t>(config.colours);
  if (image.width != columns || image.height != rows || image.channels > colours) {
    throw Error(ErrorCode::kUnreadable, "image is " + size_text(image.width, image.height, image.channels) +
                                            ", this mnist model codes " + size_text(columns, rows, colours) +
                                            " images only");
  }
  const std::int64_t channels = image.channels;
  auto pixels = torch::empty({1, config.rows, config.columns, channels}, torch::kUInt8);
  auto* to = pixels.data_ptr<std::uint8_t>();
  for (std::uint32_t y = 0; y < rows; ++y) {
    const auto* from = row_of<std::uint8_t>(image.colour, y);
    for (std::uint32_t x = 0; x < columns; ++x, to += channels)
      std::copy_n(from + std::size_t{x} * image.colour.step, channels, to);
  }
  return pixels.permute({0, 3, 1, 2}).expand({1, config.colours, -1, -1}).to(torch::kFloat32) / 255;
}

torch::Tensor samples_of(const torch::Tensor& logits, std::uint32_t channels) {
  auto samples = nn::to_bytes(logits).permute({0, 2, 3, 1});
  if (channels < static_cast<std::uint32_t>(samples.size(3))) {
    samples = ((samples.to(torch::kInt32).sum(3, true) + 1).div(3, "floor")).to(torch::kUInt8);
  }
  return samples.contiguous();
}

}  // namespace vaec::codec
