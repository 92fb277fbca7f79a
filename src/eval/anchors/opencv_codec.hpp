// JPEG, WebP and JPEG 2000 as OpenCV writes them.
#pragma once

#include "eval/image_codec.hpp"
#include "image/lossy.hpp"

namespace vaec::eval {

class OpenCvCodec : public ImageCodec {
 public:
  explicit OpenCvCodec(image::LossyFormat format) : format_(format) {}

  [[nodiscard]] CodecDescription description() const override;
  [[nodiscard]] std::vector<double> curve_qualities() const override;
  [[nodiscard]] std::vector<double> all_qualities() const override;
  [[nodiscard]] Encoded encode(const Image& image, double quality) override;
  [[nodiscard]] Decoded decode(std::span<const std::byte> file, std::uint32_t channels) override;

 private:
  image::LossyFormat format_;
};

}  // namespace vaec::eval
