#include "image/read.hpp"

#include <algorithm>
#include <iostream>
#include <limits>
#include <memory>
#include <mutex>
#include <new>
#include <opencv2/core.hpp>
#include <opencv2/core/utils/logger.hpp>
#include <opencv2/imgproc.hpp>
#include <utility>
#include <vector>

#include "image/bmp_bit_fields.hpp"
#include "image/imgcodecs.hpp"
#include "image/lossy.hpp"
#include "image/metadata.hpp"
#include "image/probe.hpp"
#include "image/reduce.hpp"
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
  // OpenCV would try more, with all that GDAL reads among it: too much to trust.
  if (found.format == FileFormat::kUnknown) refuse(name, "is no image of a known format");
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

// OpenCV's readers tell of a lack of memory as of damage: whether there is enough for a picture like this.
bool is_there_memory_for(const Probe& found) {
  constexpr std::uint64_t kBytesPerPixel = 16, kOwn = 16 << 20;  // of the deepest, with a copy of it
  const std::unique_ptr<std::byte[]> tried(new (std::nothrow)
                                               std::byte[found.width * found.height * kBytesPerPixel + kOwn]);
  return tried != nullptr;
}

cv::Mat decode(std::span<const std::byte> file, const Probe& found, const std::string& name) {
  cv::utils::logging::setLogLevel(cv::utils::logging::LOG_LEVEL_SILENT);
  if (found.bit_fields) return decode_bit_fields(file, *found.bit_fields);
  constexpr std::size_t kLargestBuffer = 0x7fffffff;  // cv::Mat counts its columns with an int
  if (file.size() > kLargestBuffer) refuse(name, "is too large for OpenCV to read");
  const MuteCerr mute;
  const cv::Mat buffer(1, static_cast<int>(file.size()), CV_8U, const_cast<std::byte*>(file.data()));
  cv::Mat pixels;
  try {
    pixels = imgcodecs().decode(buffer);
  } catch (const Error& error) {
    throw Error(error.code(), name + ": " + error.what());
  }
  if (pixels.empty() && !is_there_memory_for(found)) throw std::bad_alloc();
  if (pixels.empty())
    refuse(name, "cannot be decoded: it is damaged, or of a kind that this version cannot read");
  return pixels;
}

// The one place where the exceptions of the libraries end.
template <typename Work>
auto guarded(const std::string& name, const Work& work) {
  try {
    return work();
  } catch (const std::bad_alloc&) {
    throw Error(ErrorCode::kLimit, name + ": out of memory");
  } catch (const cv::Exception& error) {
    if (error.code == cv::Error::StsNoMem) throw Error(ErrorCode::kLimit, name + ": out of memory");
    refuse(name, "cannot be decoded: " + error.err);
  }
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

// A colour that was multiplied by alpha, divided by it again.
template <typename Sample>
void divide_by_alpha(cv::Mat& bgra) {
  const unsigned opaque = std::numeric_limits<Sample>::max();
  bgra.forEach<cv::Vec<Sample, 4>>([opaque](cv::Vec<Sample, 4>& pixel, const int*) {
    const unsigned alpha = pixel[3];
    if (alpha == 0) return;
    for (int c = 0; c < 3; ++c) {
      pixel[c] = static_cast<Sample>(std::min(opaque, (pixel[c] * opaque + alpha / 2) / alpha));
    }
  });
}

// What OpenCV leaves as the file has it.
void normalise(const Probe& found, cv::Mat& pixels) {
  const bool deep = pixels.depth() == CV_16U;
  const std::uint32_t largest = deep ? 65535 : 255;
  const bool is_scaled = found.is_text && !deep;
  if (found.largest_sample > 1 && found.largest_sample < largest && !is_scaled) {
    pixels.convertTo(pixels, pixels.type(), static_cast<double>(largest) / found.largest_sample);
  }
  if (found.is_inverted && deep) cv::bitwise_not(pixels, pixels);
  if (found.is_premultiplied && pixels.channels() == 4) {
    if (deep) {
      divide_by_alpha<std::uint16_t>(pixels);
    } else {
      divide_by_alpha<std::uint8_t>(pixels);
    }
  }
}

// The alpha channel of a picture, or nothing.
cv::Mat alpha_of(const Probe& found, const cv::Mat& pixels) {
  cv::Mat alpha;
  if (pixels.channels() == 2) {
    cv::extractChannel(pixels, alpha, 1);
  } else if (pixels.channels() == 4 && (found.has_alpha || found.format != FileFormat::kBmp)) {
    cv::extractChannel(pixels, alpha, 3);  // a BMP's fourth channel may mean nothing
    if (found.format == FileFormat::kBmp && cv::countNonZero(alpha) == 0) alpha.release();  // nor this one
  }
  return alpha;
}

template <typename Sample>
void copy_samples(const cv::Mat& pixels, std::vector<Sample>& samples) {
  const int channels = pixels.channels() >= 3 ? 3 : 1;
  samples.resize(pixels.total() * static_cast<std::size_t>(channels));
  cv::Mat to(pixels.rows, pixels.cols, CV_MAKETYPE(pixels.depth(), channels), samples.data());
  if (pixels.channels() == 1) {
    pixels.copyTo(to);
  } else if (channels == 1) {
    cv::extractChannel(pixels, to, 0);
  } else {
    cv::cvtColor(pixels, to, pixels.channels() == 4 ? cv::COLOR_BGRA2RGB : cv::COLOR_BGR2RGB);
  }
}

template <typename Sample>
void copy_alpha(const cv::Mat& alpha, std::vector<Sample>& samples) {
  if (alpha.empty()) return;
  samples.resize(alpha.total());
  alpha.copyTo(cv::Mat(alpha.rows, alpha.cols, alpha.type(), samples.data()));
}

Image to_image(const Probe& found, const cv::Mat& pixels) {
  Image image{static_cast<std::uint32_t>(pixels.cols), static_cast<std::uint32_t>(pixels.rows),
              pixels.channels() >= 3 ? 3U : 1U};
  const cv::Mat alpha = alpha_of(found, pixels);
  if (pixels.depth() == CV_16U) {
    image.bit_depth = 16;
    copy_samples(pixels, image.samples16);
    copy_alpha(alpha, image.alpha16);
  } else {
    copy_samples(pixels, image.samples);
    copy_alpha(alpha, image.alpha);
  }
  return image;
}

// OpenCV turns TIFF pictures upright by itself, whatever its flags say.
int orientation_left_to_undo(const Probe& found) {
  return found.format == FileFormat::kTiff ? 1 : found.orientation;
}

// Metadata is not worth a picture: what is damaged is left out, and told.
void add_metadata(std::span<const std::byte> file, const Probe& found, Reading& reading) {
  // EXIF's tags may stand in a TIFF file's own directory.
  if (!found.has_icc && !found.has_metadata && found.format != FileFormat::kTiff) return;
  try {
    reading.image.metadata = read_metadata(file);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kUnreadable) throw;
  }
  const auto& [icc, exif, xmp] = reading.image.metadata;
  reading.lost_icc = found.has_icc && icc.empty();
  reading.lost_metadata = found.has_metadata && exif.empty() && xmp.empty();
}

}  // namespace

Reading read_image(std::span<const std::byte> file, const std::string& name, const Limits& limits,
                   Keep keep) {
  const Probe found = checked_probe(file, name, limits);
  if (found.has_more_frames) {
    refuse(name, "holds more than one frame or page, which this version cannot code: extract them first");
  }
  if (found.is_cmyk)
    refuse(name, "is a CMYK picture, which this version cannot code: convert it to RGB first");
  return guarded(name, [&] {
    cv::Mat pixels = decode(file, found, name);
    check_size(static_cast<std::uint64_t>(pixels.cols), static_cast<std::uint64_t>(pixels.rows), name,
               limits);
    if (pixels.depth() != CV_8U && pixels.depth() != CV_16U) {
      refuse(name,
             "has samples that are no integers of 8 or 16 bits, which this version cannot code: reduce them "
             "first");
    }
    normalise(found, pixels);
    Reading reading{to_image(found, upright(pixels, orientation_left_to_undo(found)))};
    if (keep == Keep::kMetadata) add_metadata(file, found, reading);
    return reading;
  });
}

Image read_rgb(std::span<const std::byte> file, const std::string& name, const Limits& limits) {
  Image image = with_8_bits(read_image(file, name, limits, Keep::kPixels).image);
  image.alpha.clear();
  return with_channels(std::move(image), 3);
}

}  // namespace vaec::image
