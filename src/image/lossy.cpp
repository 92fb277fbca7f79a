#include "image/lossy.hpp"

#include <utility>

#include "image/parts.hpp"
#include "image/read.hpp"
#include "image/reduce.hpp"

namespace vaec::image {

std::vector<std::byte> encode_lossy(const Image& image, LossyFormat format, int quality) {
  return opencv_tools().encode_lossy(image, format, quality);
}

Image decode_lossy(std::span<const std::byte> file, std::uint32_t channels) {
  constexpr Limits kNoLimits = {0xffffffff, ~std::uint64_t{0}};  // it was made here
  Image image = read_pixels(file, "the encoded picture", kNoLimits);
  return with_channels(with_8_bits(flattened(std::move(image))), channels);
}

std::string lossy_call(LossyFormat format) {
  switch (format) {
    case LossyFormat::kJpeg:
      return "cv::imencode(\".jpg\", IMWRITE_JPEG_QUALITY <q>, IMWRITE_JPEG_OPTIMIZE 1, "
             "IMWRITE_JPEG_PROGRESSIVE 1)";
    case LossyFormat::kWebp:
      return "cv::imencode(\".webp\", IMWRITE_WEBP_QUALITY <q>)";
    case LossyFormat::kJpeg2000:
      break;
  }
  return "cv::imencode(\".jp2\", IMWRITE_JPEG2000_COMPRESSION_X1000 <q>)";
}

std::string lossy_version(LossyFormat format) { return opencv_tools().lossy_version(format); }

}  // namespace vaec::image
