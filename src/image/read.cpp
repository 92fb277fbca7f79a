#include "image/read.hpp"

#include <cstring>
#include <iostream>
#include <mutex>
#include <opencv2/core.hpp>
#include <opencv2/core/utils/logger.hpp>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <vector>

#include "image/imgcodecs.hpp"
#include "image/probe.hpp"
#include "image/probe_formats.hpp"
#include "vaec/error.hpp"

namespace vaec::image {
namespace {

[[noreturn]] void refuse(const std::string& name, const std::string& why) {
  throw Error(ErrorCode::kUnreadable, name + ": " + why);
}

void check_size(std::uint64_t width, std::uint64_t height, const std::string& name, const Limits& limits) {
  if (width > limits.max_side || height > limits.max_side ||
      (height != 0 && width > limits.max_pixels / height)) {
    throw Error(ErrorCode::kLimit, name + ": is " + std::to_string(width) + "x" + std::to_string(height) +
                                       " pixels, the limit is " + std::to_string(limits.max_pixels) +
                                       " and " + std::to_string(limits.max_side) +
                                       " a side (see --max-pixels)");
  }
}

Probe checked_probe(std::span<const std::byte> file, const std::string& name, const Limits& limits) {
  if (file.empty()) refuse(name, "is empty");
  Probe found = probe(file);
  if (!found.damage.empty()) refuse(name, found.damage);
  check_size(found.width, found.height, name, limits);
  return found;
}

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

// The one place where OpenCV decodes, and where its exceptions end.
cv::Mat decode(std::span<const std::byte> file, const Probe& found, int flags, const std::string& name) {
  cv::utils::logging::setLogLevel(cv::utils::logging::LOG_LEVEL_SILENT);
  std::vector<std::byte> cleaned;
  if (found.format == FileFormat::kPng) {
    cleaned = png_without_ancillary_chunks(file);
    file = cleaned;
  }
  constexpr std::size_t kLargestBuffer = 0x7fffffff;  // cv::Mat counts its columns with an int
  if (file.size() > kLargestBuffer) refuse(name, "is too large for OpenCV to read");
  cv::Mat pixels;
  const MuteCerr mute;
  try {
    const cv::Mat buffer(1, static_cast<int>(file.size()), CV_8U, const_cast<std::byte*>(file.data()));
    pixels = imgcodecs().decode(buffer, flags);
  } catch (const cv::Exception& error) {
    if (error.code == cv::Error::StsNoMem) throw Error(ErrorCode::kLimit, name + ": out of memory");
    refuse(name, "cannot be decoded: " + error.err);
  }
  if (pixels.empty()) {
    refuse(name, found.format == FileFormat::kUnknown
                     ? "is no image of a known format"
                     : "cannot be decoded: it is damaged, or of a kind that this version cannot read");
  }
  return pixels;
}

// Undoes what EXIF's orientation tag says (Exif 2.3, 4.6.4).
cv::Mat upright(const cv::Mat& pixels, int orientation) {
  cv::Mat result;
  switch (orientation) {
    case 2:
      cv::flip(pixels, result, 1);
      break;
    case 3:
      cv::rotate(pixels, result, cv::ROTATE_180);
      break;
    case 4:
      cv::flip(pixels, result, 0);
      break;
    case 5:
      cv::transpose(pixels, result);
      break;
    case 6:
      cv::rotate(pixels, result, cv::ROTATE_90_CLOCKWISE);
      break;
    case 7:
      cv::transpose(pixels, result);
      cv::rotate(result, result, cv::ROTATE_180);
      break;
    case 8:
      cv::rotate(pixels, result, cv::ROTATE_90_COUNTERCLOCKWISE);
      break;
    default:
      result = pixels;
      break;
  }
  return result;
}

Image to_image(const cv::Mat& pixels) {
  const int channels = pixels.channels() >= 3 ? 3 : 1;
  Image image{static_cast<std::uint32_t>(pixels.cols),
              static_cast<std::uint32_t>(pixels.rows),
              static_cast<std::uint32_t>(channels),
              {}};
  image.samples.resize(std::size_t{image.width} * image.height * image.channels);
  // Straight into the samples: large pictures are not held once more.
  cv::Mat rgb(pixels.rows, pixels.cols, CV_8UC(channels), image.samples.data());
  if (channels == 1) {
    pixels.copyTo(rgb);
  } else {
    cv::cvtColor(pixels, rgb, pixels.channels() == 4 ? cv::COLOR_BGRA2RGB : cv::COLOR_BGR2RGB);
  }
  return image;
}

// OpenCV turns TIFF pictures upright by itself, whatever its flags say.
int orientation_left_to_undo(const Probe& found) {
  return found.format == FileFormat::kTiff ? 1 : found.orientation;
}

void refuse_what_would_be_lost(const Probe& found, const cv::Mat& pixels, const std::string& name) {
  constexpr const char* kVersion = ", which this version cannot code: ";
  // A 32-bit BMP may have four channels of which the fourth means nothing.
  const bool has_fourth = pixels.channels() == 4 && found.format != FileFormat::kBmp;
  if (found.has_alpha || pixels.channels() == 2 || has_fourth) {
    refuse(name, std::string("has an alpha channel") + kVersion +
                     "flatten it first, for example with `convert IN -background white -alpha remove OUT`");
  }
  if (pixels.depth() == CV_16U || pixels.depth() == CV_16S) {
    refuse(name, std::string("has 16 bits a sample") + kVersion +
                     "reduce it to 8 first, for example with `convert IN -depth 8 OUT`");
  }
  if (pixels.depth() != CV_8U) {
    refuse(name, std::string("has floating-point samples") + kVersion + "reduce it to 8 bits first");
  }
}

}  // namespace

Reading read_image(std::span<const std::byte> file, const std::string& name, const Limits& limits) {
  const Probe found = checked_probe(file, name, limits);
  if (found.has_more_frames) {
    refuse(name, "holds more than one frame or page, which this version cannot code: extract them first");
  }
  if (found.is_cmyk)
    refuse(name, "is a CMYK picture, which this version cannot code: convert it to RGB first");
  const cv::Mat pixels = decode(file, found, cv::IMREAD_UNCHANGED, name);
  check_size(static_cast<std::uint64_t>(pixels.cols), static_cast<std::uint64_t>(pixels.rows), name, limits);
  refuse_what_would_be_lost(found, pixels, name);
  return {to_image(upright(pixels, orientation_left_to_undo(found))), found.has_icc, found.has_metadata};
}

Image read_rgb(std::span<const std::byte> file, const std::string& name, const Limits& limits) {
  const Probe found = checked_probe(file, name, limits);
  const cv::Mat pixels = decode(file, found, cv::IMREAD_COLOR | cv::IMREAD_IGNORE_ORIENTATION, name);
  check_size(static_cast<std::uint64_t>(pixels.cols), static_cast<std::uint64_t>(pixels.rows), name, limits);
  return to_image(upright(pixels, orientation_left_to_undo(found)));
}

}  // namespace vaec::image
