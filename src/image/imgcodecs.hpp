// The libraries that read and write picture files: OpenCV's imdecode and imencode, libjpeg, libpng and Exiv2.
// A program either links them (vaec_image_linked) or loads them when they are
// first called, as the vaec program does.
#pragma once

#include <cstddef>
#include <opencv2/core.hpp>
#include <span>
#include <string>
#include <vector>

#include "vaec/image.hpp"

namespace vaec::image {

struct Imgcodecs {
  // As cv::imdecode with IMREAD_UNCHANGED, but that PNG may have two channels,
  // grey and alpha; throws Error kUnreadable, too.
  cv::Mat (*decode)(const cv::Mat& file);
  bool (*encode)(const std::string& extension, const cv::Mat& pixels, std::vector<unsigned char>& file,
                 const std::vector<int>& parameters);
  // As in image/metadata.hpp.
  Metadata (*read_metadata)(std::span<const std::byte> file);
  std::vector<std::byte> (*write_metadata)(std::span<const std::byte> file, const Metadata& metadata);
  // Throws Error kWrite for EXIF that is no TIFF structure.
  void (*check_exif)(std::span<const std::byte> exif);
};

// Defined by what is linked. Throws Error kInternal if they cannot be loaded.
[[nodiscard]] const Imgcodecs& imgcodecs();
// Those that link the libraries.
[[nodiscard]] const Imgcodecs& linked_imgcodecs();

}  // namespace vaec::image
