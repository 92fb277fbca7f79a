#include "image/opencv_encode.hpp"

#include <algorithm>
#include <cstring>
#include <new>
#include <opencv2/core.hpp>
#include <opencv2/core/utils/logger.hpp>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <string>

#include "image/imgcodecs.hpp"
#include "vaec/error.hpp"

namespace vaec::image {

namespace {

// Grey, BGR or BGRA: what OpenCV writes.
cv::Mat as_bgr(const Image& image) {
  const int rows = static_cast<int>(image.height), columns = static_cast<int>(image.width),
            channels = static_cast<int>(image.channels), depth = image.bit_depth == 16 ? CV_16U : CV_8U;
  const auto view = [&](const auto& shallow, const auto& deep, int count) {
    const void* samples =
        depth == CV_16U ? static_cast<const void*>(deep.data()) : static_cast<const void*>(shallow.data());
    return cv::Mat(rows, columns, CV_MAKETYPE(depth, count), const_cast<void*>(samples));
  };
  const cv::Mat rgb = view(image.samples, image.samples16, channels);
  if (!image.has_alpha()) {
    if (channels == 1) return rgb;
    cv::Mat bgr;
    cv::cvtColor(rgb, bgr, cv::COLOR_RGB2BGR);
    return bgr;
  }
  cv::Mat bgra;
  cv::cvtColor(rgb, bgra, channels == 1 ? cv::COLOR_GRAY2BGRA : cv::COLOR_RGB2BGRA);
  cv::insertChannel(view(image.alpha, image.alpha16, 1), bgra, 3);
  return bgra;
}

}  // namespace

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
    if (!imgcodecs().encode(encoder.extension, as_bgr(image), encoded, encoder.parameters)) encoded.clear();
  } catch (const cv::Exception& error) {
    if (error.code == cv::Error::StsNoMem) throw std::bad_alloc();
    throw Error(ErrorCode::kWrite, std::string(encoder.extension) + " file cannot be made: " + error.err);
  }
  if (encoded.empty())
    throw Error(ErrorCode::kWrite, std::string(encoder.extension) + " file cannot be made");
  std::vector<std::byte> file(encoded.size());
  std::memcpy(file.data(), encoded.data(), encoded.size());
  return file;
}

}  // namespace vaec::image
