#include "image/libpng_decode.hpp"

#include <png.h>

#include <bit>
#include <cstring>
#include <new>
#include <string>
#include <vector>

#include "vaec/error.hpp"

namespace vaec::image {
namespace {

// libpng's functions leave by longjmp unless its error handler leaves otherwise.
[[noreturn]] void on_error(png_structp, png_const_charp message) {
  if (std::strstr(message, "memory") != nullptr) throw std::bad_alloc();
  throw Error(ErrorCode::kUnreadable, std::string("cannot be decoded: ") + message);
}

void on_warning(png_structp, png_const_charp) {}

void read_bytes(png_structp png, png_bytep to, std::size_t size) {
  auto& rest = *static_cast<std::span<const std::byte>*>(png_get_io_ptr(png));
  if (size > rest.size()) png_error(png, "it ends too early");
  std::memcpy(to, rest.data(), size);
  rest = rest.subspan(size);
}

class PngReader {
 public:
  explicit PngReader(std::span<const std::byte>& file)
      : png(png_create_read_struct(PNG_LIBPNG_VER_STRING, nullptr, on_error, on_warning)),
        info(png != nullptr ? png_create_info_struct(png) : nullptr) {
    if (info == nullptr) {
      png_destroy_read_struct(&png, nullptr, nullptr);
      throw std::bad_alloc();
    }
    png_set_read_fn(png, &file, read_bytes);
    // Nothing but what makes the pixels: others read the rest.
    png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, nullptr, -1);
  }
  PngReader(const PngReader&) = delete;
  PngReader& operator=(const PngReader&) = delete;
  ~PngReader() { png_destroy_read_struct(&png, &info, nullptr); }

  png_structp png;
  png_infop info;
};

}  // namespace

cv::Mat decode_png(std::span<const std::byte> file) {
  PngReader reader(file);
  const auto png = reader.png;
  png_read_info(png, reader.info);
  png_set_expand(png);
  png_set_bgr(png);
  if constexpr (std::endian::native == std::endian::little) png_set_swap(png);
  (void)png_set_interlace_handling(png);
  png_read_update_info(png, reader.info);
  const int depth = png_get_bit_depth(png, reader.info) == 16 ? CV_16U : CV_8U;
  cv::Mat pixels(static_cast<int>(png_get_image_height(png, reader.info)),
                 static_cast<int>(png_get_image_width(png, reader.info)),
                 CV_MAKETYPE(depth, png_get_channels(png, reader.info)));
  std::vector<png_bytep> rows;
  for (int y = 0; y < pixels.rows; ++y) rows.push_back(pixels.ptr(y));
  png_read_image(png, rows.data());
  png_read_end(png, nullptr);
  return pixels;
}

}  // namespace vaec::image
