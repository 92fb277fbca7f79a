#include <opencv2/imgcodecs.hpp>

#include "image/byte_reader.hpp"
#include "image/exiv2_metadata.hpp"
#include "image/imgcodecs.hpp"
#include "image/libjpeg_decode.hpp"
#include "image/libpng_decode.hpp"

namespace vaec::image {
namespace {

cv::Mat decode(const cv::Mat& file) {
  const std::span bytes(reinterpret_cast<const std::byte*>(file.data), file.total());
  if (has_text_at(bytes, 0, "\xff\xd8\xff")) return decode_jpeg(bytes);
  if (has_text_at(bytes, 0, "\x89PNG")) return decode_png(bytes);
  return cv::imdecode(file, cv::IMREAD_UNCHANGED);
}

}  // namespace

const Imgcodecs& linked_imgcodecs() {
  static const Imgcodecs linked{
      decode,
      [](const std::string& extension, const cv::Mat& pixels, std::vector<unsigned char>& file,
         const std::vector<int>& parameters) { return cv::imencode(extension, pixels, file, parameters); },
      exiv2_read, exiv2_write, exiv2_check_exif};
  return linked;
}

}  // namespace vaec::image
