// OpenCV's imdecode and imencode. A program either links them (vaec_image_linked) or loads them when they are
// first called, as the vaec program does.
#pragma once

#include <opencv2/core.hpp>
#include <string>
#include <vector>

namespace vaec::image {

struct Imgcodecs {
  cv::Mat (*decode)(const cv::Mat& file, int flags);
  bool (*encode)(const std::string& extension, const cv::Mat& pixels, std::vector<unsigned char>& file,
                 const std::vector<int>& parameters);
};

// Defined by what is linked. Throws Error kInternal if they cannot be loaded.
[[nodiscard]] const Imgcodecs& imgcodecs();
// Those that link OpenCV.
[[nodiscard]] const Imgcodecs& linked_imgcodecs();

}  // namespace vaec::image
