#include <algorithm>
#include <iterator>
#include <opencv2/imgcodecs.hpp>

#include "image/exiv2_metadata.hpp"
#include "image/imgcodecs.hpp"
#include "image/libjpeg_decode.hpp"

namespace vaec::image {
namespace {

cv::Mat decode(const cv::Mat& file, int flags) {
  const std::span bytes(reinterpret_cast<const std::byte*>(file.data), file.total());
  constexpr std::byte kJpeg[] = {std::byte{0xff}, std::byte{0xd8}, std::byte{0xff}};
  if (bytes.size() > std::size(kJpeg) && std::equal(std::begin(kJpeg), std::end(kJpeg), bytes.begin())) {
    return decode_jpeg(bytes, flags != cv::IMREAD_UNCHANGED);
  }
  return cv::imdecode(file, flags);
}

}  // namespace

const Imgcodecs& linked_imgcodecs() {
  static const Imgcodecs linked{
      decode,
      [](const std::string& extension, const cv::Mat& pixels, std::vector<unsigned char>& file,
         const std::vector<int>& parameters) { return cv::imencode(extension, pixels, file, parameters); },
      exiv2_read, exiv2_write};
  return linked;
}

}  // namespace vaec::image
