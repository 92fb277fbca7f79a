#include <opencv2/imgcodecs.hpp>

#include "image/imgcodecs.hpp"

namespace vaec::image {

const Imgcodecs& linked_imgcodecs() {
  static const Imgcodecs linked{
      [](const cv::Mat& file, int flags) { return cv::imdecode(file, flags); },
      [](const std::string& extension, const cv::Mat& pixels, std::vector<unsigned char>& file,
         const std::vector<int>& parameters) { return cv::imencode(extension, pixels, file, parameters); }};
  return linked;
}

}  // namespace vaec::image
