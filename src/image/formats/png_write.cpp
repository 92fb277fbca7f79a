#include "image/formats/png_write.hpp"

#include <png.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <new>
#include <numeric>
#include <string>

#include "image/c_library.hpp"
#include "image/formats/side_limit.hpp"
#include "image/resolution.hpp"
#include "image/rows.hpp"
#include "vaec/error.hpp"

namespace vaec::image {
namespace {

constexpr std::uint32_t kLargestNumber = 0x7fffffff;  // PNG's

class PngWriter {
 public:
  explicit PngWriter(std::vector<std::byte>& file);
  PngWriter(const PngWriter&) = delete;
  PngWriter& operator=(const PngWriter&) = delete;
  ~PngWriter() { png_destroy_write_struct(&png_, &info_); }

  // All that stands before the pixels.
  void write_header(const Image& image, const Metadata& metadata, Losses& losses);
  void write_pixels(const Image& image);

 private:
  static PngWriter& of(png_structp png) { return *static_cast<PngWriter*>(png_get_error_ptr(png)); }
  [[noreturn]] static void on_error(png_structp png, png_const_charp message) noexcept;
  static void on_warning(png_structp, png_const_charp) noexcept {}
  static void on_bytes(png_structp png, png_bytep data, std::size_t size) noexcept;
  static void on_flush(png_structp) noexcept {}

  void set_metadata(const Metadata& metadata, Losses& losses);
  void set_resolution(const Resolution& resolution, Losses& losses);
  template <typename Sample>
  void write_rows(const Image& image);

  std::vector<std::byte>& file_;
  CLibrary library_;
  png_structp png_ = nullptr;
  png_infop info_ = nullptr;
};

PngWriter::PngWriter(std::vector<std::byte>& file) : file_(file) {
  library_.call([&] {
    png_ = png_create_write_struct(PNG_LIBPNG_VER_STRING, this, on_error, on_warning);
    if (png_ != nullptr) info_ = png_create_info_struct(png_);
  });
  if (info_ == nullptr) {
    png_destroy_write_struct(&png_, nullptr);
    throw std::bad_alloc();
  }
  png_set_write_fn(png_, this, on_bytes, on_flush);
  png_set_user_limits(png_, kLargestNumber, kLargestNumber);
}

void PngWriter::on_error(png_structp png, png_const_charp message) noexcept {
  if (std::strstr(message, "memory") != nullptr) of(png).library_.leave_out_of_memory();
  std::array<char, 256> why{};
  std::snprintf(why.data(), why.size(), ".png file cannot be made: %s", message);
  of(png).library_.leave(ErrorCode::kWrite, why.data());
}

// Whether it fits into memory.
bool append_bytes(std::vector<std::byte>& file, const std::byte* bytes, std::size_t size) noexcept {
  try {
    file.insert(file.end(), bytes, bytes + size);
    return true;
  } catch (...) {
    return false;
  }
}

void PngWriter::on_bytes(png_structp png, png_bytep data, std::size_t size) noexcept {
  if (!append_bytes(of(png).file_, reinterpret_cast<const std::byte*>(data), size))
    of(png).library_.leave_out_of_memory();
}

// Pixels a metre; of a ratio two numbers.
void PngWriter::set_resolution(const Resolution& resolution, Losses& losses) {
  if (resolution.empty()) return;
  const bool is_physical = !is_ratio(resolution);
  std::uint32_t x = resolution.x, y = resolution.y;
  if (is_physical) {
    x = static_cast<std::uint32_t>(std::lround(in_unit(resolution, x, Resolution::Unit::kMetre)));
    y = static_cast<std::uint32_t>(std::lround(in_unit(resolution, y, Resolution::Unit::kMetre)));
  } else {
    const std::uint32_t common = std::gcd(x, y);
    for (x /= common, y /= common; std::max(x, y) > 1000000; x /= 2, y /= 2) continue;
  }
  losses.resolution |= x == 0 || y == 0;
  if (x == 0 || y == 0) return;
  library_.call(
      [&] { png_set_pHYs(png_, info_, x, y, is_physical ? PNG_RESOLUTION_METER : PNG_RESOLUTION_UNKNOWN); });
}

void PngWriter::set_metadata(const Metadata& metadata, Losses& losses) {
  const auto bytes_of = [](const std::vector<std::byte>& bytes) {
    return reinterpret_cast<png_bytep>(const_cast<std::byte*>(bytes.data()));
  };
  if (!metadata.icc.empty()) {
    library_.call([&] {
      png_set_iCCP(png_, info_, "ICC profile", PNG_COMPRESSION_TYPE_BASE, bytes_of(metadata.icc),
                   static_cast<png_uint_32>(metadata.icc.size()));
    });
    losses.icc |= png_get_valid(png_, info_, PNG_INFO_iCCP) == 0;  // some that it finds wrong it leaves out
  }
  if (!metadata.exif.empty()) {
    library_.call([&] {
      png_set_eXIf_1(png_, info_, static_cast<png_uint_32>(metadata.exif.size()), bytes_of(metadata.exif));
    });
  }
  if (!metadata.xmp.empty()) {
    std::string xmp(reinterpret_cast<const char*>(metadata.xmp.data()), metadata.xmp.size());
    if (xmp.find('\0') != std::string::npos) {  // a text ends there
      losses.xmp = true;
    } else {
      std::array<char, 18> keyword{"XML:com.adobe.xmp"};
      char none[] = "";
      png_text text{PNG_ITXT_COMPRESSION_NONE, keyword.data(), xmp.data(), 0, xmp.size(), none, none};
      library_.call([&] { png_set_text(png_, info_, &text, 1); });
    }
  }
  set_resolution(metadata.resolution, losses);
}

void PngWriter::write_header(const Image& image, const Metadata& metadata, Losses& losses) {
  const int colour_type =
      (image.channels == 3 ? PNG_COLOR_MASK_COLOR : 0) | (image.has_alpha() ? PNG_COLOR_MASK_ALPHA : 0);
  library_.call([&] {
    png_set_IHDR(png_, info_, image.width, image.height, static_cast<int>(image.bit_depth), colour_type,
                 PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  });
  set_metadata(metadata, losses);
  library_.call([&] {
    // Runs alone are looked for: a photograph of 12 MP takes a seventh of the time of libpng's defaults. These
    // two filters cost no more time than the first alone, and made no picture that was tried larger.
    png_set_filter(png_, PNG_FILTER_TYPE_BASE, PNG_FILTER_SUB | PNG_FILTER_AVG);
    png_set_compression_level(png_, Z_BEST_SPEED);
    png_set_compression_strategy(png_, Z_RLE);
    png_write_info(png_, info_);
    if constexpr (std::endian::native == std::endian::little) png_set_swap(png_);
  });
}

template <typename Sample>
void PngWriter::write_rows(const Image& image) {
  std::vector<Sample> row(std::size_t{image.width} * image.bytes_per_pixel() / sizeof(Sample));
  auto* const samples = row.data();
  library_.call([&] {
    for (std::size_t y = 0; y < image.height; ++y) {
      get_row(image, y, samples);
      png_write_row(png_, reinterpret_cast<png_bytep>(samples));
    }
  });
}

void PngWriter::write_pixels(const Image& image) {
  if (image.bit_depth == 16) {
    write_rows<std::uint16_t>(image);
  } else {
    write_rows<std::uint8_t>(image);
  }
  library_.call([&] { png_write_end(png_, nullptr); });
}

}  // namespace

std::vector<std::byte> write_png(const Image& image, const Metadata& metadata, const WriteOptions&,
                                 Losses& losses) {
  check_sides(image, kLargestNumber, ".png");
  std::vector<std::byte> file;
  const auto write_with = [&](const Metadata& kept) {
    file.clear();
    PngWriter writer(file);
    Losses found = losses;
    writer.write_header(image, kept, found);
    writer.write_pixels(image);
    losses = found;
  };
  try {
    write_with(metadata);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kWrite || metadata.icc.empty()) throw;
    Metadata rest = metadata;  // newer versions of libpng find a profile's faults only now
    rest.icc.clear();
    write_with(rest);
    losses.icc = true;
  }
  return file;
}

}  // namespace vaec::image
