#include "codec/torch/small_picture.hpp"

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
  if (image.width != columns || image.height != rows || image.channels != 1) {
    throw Error(ErrorCode::kUnreadable, "image is " + size_text(image.width, image.height, image.channels) +
                                            ", this mnist model codes " + size_text(columns, rows, 1) +
                                            " images only");
  }
  auto pixels = torch::empty({1, 1, config.rows, config.columns}, torch::kUInt8);
  auto* to = pixels.data_ptr<std::uint8_t>();
  for (std::uint32_t y = 0; y < rows; ++y) {
    const auto* from = row_of<std::uint8_t>(image.colour, y);
    for (std::uint32_t x = 0; x < columns; ++x) *to++ = from[std::size_t{x} * image.colour.step];
  }
  return pixels.to(torch::kFloat32) / 255;
}

}  // namespace vaec::codec
