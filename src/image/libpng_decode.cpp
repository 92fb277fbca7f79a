#include "image/libpng_decode.hpp"

#include <png.h>

#include <array>
#include <bit>
#include <cstdio>
#include <cstring>
#include <new>
#include <vector>

#include "base/interrupt.hpp"
#include "image/c_library.hpp"
#include "vaec/error.hpp"

namespace vaec::image {
namespace {

CLibrary& library_of(png_structp png) { return *static_cast<CLibrary*>(png_get_error_ptr(png)); }

[[noreturn]] void on_error(png_structp png, png_const_charp message) noexcept {
  if (std::strstr(message, "memory") != nullptr) library_of(png).leave_out_of_memory();
  std::array<char, 256> text{};
  std::snprintf(text.data(), text.size(), "cannot be decoded: %s", message);
  library_of(png).leave(ErrorCode::kUnreadable, text.data());
}

void on_warning(png_structp, png_const_charp) noexcept {}

void on_row(png_structp png, png_uint_32, int) noexcept {
  if (base::stop_requested()) library_of(png).leave(ErrorCode::kInterrupted, "interrupted");
}

void read_bytes(png_structp png, png_bytep to, std::size_t size) noexcept {
  auto& rest = *static_cast<std::span<const std::byte>*>(png_get_io_ptr(png));
  if (size > rest.size()) png_error(png, "it ends too early");
  std::memcpy(to, rest.data(), size);
  rest = rest.subspan(size);
}

class PngReader {
 public:
  PngReader(CLibrary& library, std::span<const std::byte>& file) {
    library.call([&] {
      png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &library, on_error, on_warning);
      if (png != nullptr) info = png_create_info_struct(png);
    });
    if (info == nullptr) {
      png_destroy_read_struct(&png, nullptr, nullptr);
      throw std::bad_alloc();
    }
    png_set_read_fn(png, &file, read_bytes);
    png_set_read_status_fn(png, on_row);
    // Nothing but what makes the pixels: others read the rest.
    png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, nullptr, -1);
  }
  PngReader(const PngReader&) = delete;
  PngReader& operator=(const PngReader&) = delete;
  ~PngReader() { png_destroy_read_struct(&png, &info, nullptr); }

  png_structp png = nullptr;
  png_infop info = nullptr;
};

}  // namespace

cv::Mat decode_png(std::span<const std::byte> file) {
  CLibrary library;
  PngReader reader(library, file);
  const auto png = reader.png;
  const auto info = reader.info;
  library.call([&] {
    png_read_info(png, info);
    png_set_expand(png);
    png_set_bgr(png);
    if constexpr (std::endian::native == std::endian::little) png_set_swap(png);
    (void)png_set_interlace_handling(png);
    png_read_update_info(png, info);
  });
  const int depth = png_get_bit_depth(png, info) == 16 ? CV_16U : CV_8U;
  cv::Mat pixels(static_cast<int>(png_get_image_height(png, info)),
                 static_cast<int>(png_get_image_width(png, info)),
                 CV_MAKETYPE(depth, png_get_channels(png, info)));
  std::vector<png_bytep> rows;
  for (int y = 0; y < pixels.rows; ++y) rows.push_back(pixels.ptr(y));
  library.call([&] {
    png_read_image(png, rows.data());
    png_read_end(png, nullptr);
  });
  return pixels;
}

}  // namespace vaec::image
