#include "image/opencv_encode.hpp"

#include <algorithm>
#include <cstring>
#include <opencv2/core.hpp>
#include <opencv2/core/utils/logger.hpp>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <string>

#include "image/imgcodecs.hpp"
#include "vaec/error.hpp"

namespace vaec::image {

std::vector<std::byte> opencv_encode(const Image& image, const OpenCvEncoder& encoder) {
  if (std::max(image.width, image.height) > encoder.largest_side) {
    throw Error(ErrorCode::kLimit, std::to_string(image.width) + "x" + std::to_string(image.height) +
                                       " pixels do not fit into a " + encoder.extension + " file (at most " +
                                       std::to_string(encoder.largest_side) +
                                       " a side): choose another format");
  }
  cv::utils::logging::setLogLevel(cv::utils::logging::LOG_LEVEL_SILENT);
  std::vector<unsigned char> encoded;
  try {
    const int type = image.channels == 1 ? CV_8UC1 : CV_8UC3;
    const cv::Mat rgb(static_cast<int>(image.height), static_cast<int>(image.width), type,
                      const_cast<std::uint8_t*>(image.samples.data()));
    cv::Mat bgr;  // never a view of `image`, which must not change
    if (image.channels == 3) cv::cvtColor(rgb, bgr, cv::COLOR_RGB2BGR);
    if (!imgcodecs().encode(encoder.extension, image.channels == 3 ? bgr : rgb, encoded, encoder.parameters))
      encoded.clear();
  } catch (const cv::Exception& error) {
    throw Error(ErrorCode::kWrite, std::string(encoder.extension) + " file cannot be made: " + error.err);
  }
  if (encoded.empty())
    throw Error(ErrorCode::kWrite, std::string(encoder.extension) + " file cannot be made");
  std::vector<std::byte> file(encoded.size());
  std::memcpy(file.data(), encoded.data(), encoded.size());
  return file;
}

}  // namespace vaec::image
