#include "image/opencv/decode.hpp"

#include <iostream>
#include <memory>
#include <mutex>
#include <new>
#include <opencv2/core.hpp>
#include <opencv2/core/utils/logger.hpp>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "image/rows.hpp"
#include "vaec/error.hpp"

namespace vaec::image {
namespace {

// OpenCV tells of broken files on std::cerr, besides its result. While one of these lives, std::cerr is mute.
class MuteCerr {
 public:
  MuteCerr() {
    const std::lock_guard lock(mutex_);
    if (count_++ == 0) std::cerr.setstate(std::ios::failbit);
  }
  MuteCerr(const MuteCerr&) = delete;
  MuteCerr& operator=(const MuteCerr&) = delete;
  ~MuteCerr() {
    const std::lock_guard lock(mutex_);
    if (--count_ == 0) std::cerr.clear();
  }

 private:
  static inline std::mutex mutex_;
  static inline int count_ = 0;
};

// OpenCV's readers tell of a lack of memory as of damage: whether there is enough for a picture like this.
bool is_there_memory_for(const Header& header) {
  constexpr std::uint64_t kBytesPerPixel = 16, kOwn = 16 << 20;  // of the deepest, with a copy of it
  const std::unique_ptr<std::byte[]> tried(
      new (std::nothrow) std::byte[header.width * header.height * kBytesPerPixel + kOwn]);
  return tried != nullptr;
}

cv::Mat decode(std::span<const std::byte> file, const Header& header) {
  cv::utils::logging::setLogLevel(cv::utils::logging::LOG_LEVEL_SILENT);
  constexpr std::size_t kLargestBuffer = 0x7fffffff;  // cv::Mat counts its columns with an int
  if (file.size() > kLargestBuffer) throw Error(ErrorCode::kUnreadable, "is too large for OpenCV to read");
  const MuteCerr mute;
  const cv::Mat buffer(1, static_cast<int>(file.size()), CV_8U, const_cast<std::byte*>(file.data()));
  cv::Mat pixels = cv::imdecode(buffer, cv::IMREAD_UNCHANGED);
  if (pixels.empty() && !is_there_memory_for(header)) throw std::bad_alloc();
  const bool is_expected = static_cast<std::uint64_t>(pixels.cols) == header.width &&
                           static_cast<std::uint64_t>(pixels.rows) == header.height &&
                           pixels.depth() == (header.bit_depth == 16 ? CV_16U : CV_8U);
  if (!is_expected)
    throw Error(ErrorCode::kUnreadable,
                "cannot be decoded: it is damaged, or of a kind that this version cannot read");
  return pixels;
}

template <typename Sample>
void copy(const cv::Mat& pixels, Image& image) {
  const int channels = static_cast<int>(image.channels);
  cv::Mat to(pixels.rows, pixels.cols, CV_MAKETYPE(pixels.depth(), channels),
             samples_of<Sample>(image).data());
  if (channels == 1) {
    cv::extractChannel(pixels, to, 0);
  } else if (pixels.channels() == 1) {
    cv::cvtColor(pixels, to, cv::COLOR_GRAY2RGB);
  } else {
    cv::cvtColor(pixels, to, pixels.channels() == 4 ? cv::COLOR_BGRA2RGB : cv::COLOR_BGR2RGB);
  }
  auto& alpha = alpha_of<Sample>(image);
  if (alpha.empty()) return;
  if (pixels.channels() == 4) {
    cv::extractChannel(pixels, cv::Mat(pixels.rows, pixels.cols, pixels.depth(), alpha.data()), 3);
  } else {
    alpha.clear();
  }
}

}  // namespace

Image opencv_decode(std::span<const std::byte> file, const Header& header) {
  try {
    const cv::Mat pixels = decode(file, header);
    Image image = make_image(header);
    if (header.bit_depth == 16) {
      copy<std::uint16_t>(pixels, image);
    } else {
      copy<std::uint8_t>(pixels, image);
    }
    return image;
  } catch (const cv::Exception& error) {
    if (error.code == cv::Error::StsNoMem) throw std::bad_alloc();
    throw Error(ErrorCode::kUnreadable, "cannot be decoded: " + error.err);
  }
}

}  // namespace vaec::image
