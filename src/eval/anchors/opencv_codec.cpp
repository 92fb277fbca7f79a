#include "eval/anchors/opencv_codec.hpp"

#include <cmath>

#include "base/stopwatch.hpp"

namespace vaec::eval {

using image::LossyFormat;

CodecDescription OpenCvCodec::description() const {
  const std::string call = lossy_call(format_), version = lossy_version(format_);
  switch (format_) {
    case LossyFormat::kJpeg:
      return {"jpeg", call, "cv::imdecode", version, "JPEG quality (4:2:0)"};
    case LossyFormat::kWebp:
      return {"webp", call, "cv::imdecode", version, "WebP quality (4:2:0, method 4)"};
    case LossyFormat::kJpeg2000:
      break;
  }
  return {"jpeg2000", call, "cv::imdecode", version, "thousandths of the uncompressed size (5/3 wavelet)"};
}

std::vector<double> OpenCvCodec::curve_qualities() const {
  switch (format_) {
    case LossyFormat::kJpeg:
      return {5, 10, 20, 30, 40, 50, 60, 70, 80, 90, 95};
    case LossyFormat::kWebp:
      return {1, 5, 10, 20, 40, 60, 75, 85, 92, 97};
    case LossyFormat::kJpeg2000:
      break;
  }
  return {4, 8, 13, 21, 31, 42, 63, 83, 125};  // 0.1 to 3 bpp of RGB
}

std::vector<double> OpenCvCodec::all_qualities() const {
  const int last = format_ == LossyFormat::kJpeg2000 ? 1000 : 100;
  std::vector<double> all;
  for (int quality = 1; quality <= last; ++quality) all.push_back(quality);
  return all;
}

Encoded OpenCvCodec::encode(const Image& image, double quality) {
  const base::Stopwatch stopwatch;
  Encoded result{encode_lossy(image, format_, static_cast<int>(std::lround(quality)))};
  result.seconds = stopwatch.seconds();
  return result;
}

Decoded OpenCvCodec::decode(std::span<const std::byte> file, std::uint32_t channels) {
  const base::Stopwatch stopwatch;
  Decoded result{image::decode_lossy(file, channels)};
  result.seconds = stopwatch.seconds();
  return result;
}

}  // namespace vaec::eval
