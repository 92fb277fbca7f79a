#include "image/png_grey_alpha.hpp"

#include <png.h>

#include <cstdint>
#include <new>
#include <string>

#include "vaec/error.hpp"

namespace vaec::image {
namespace {

// libpng's functions leave by longjmp unless its error handler leaves otherwise.
[[noreturn]] void on_error(png_structp, png_const_charp message) {
  throw Error(ErrorCode::kWrite, std::string(".png file cannot be made: ") + message);
}

void on_warning(png_structp, png_const_charp) {}

void append(png_structp png, png_bytep data, std::size_t size) {
  auto& file = *static_cast<std::vector<std::byte>*>(png_get_io_ptr(png));
  const auto* bytes = reinterpret_cast<const std::byte*>(data);
  file.insert(file.end(), bytes, bytes + size);
}

void flush(png_structp) {}

class PngWriter {
 public:
  explicit PngWriter(std::vector<std::byte>& file)
      : png(png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, on_error, on_warning)),
        info(png != nullptr ? png_create_info_struct(png) : nullptr) {
    if (info == nullptr) {
      png_destroy_write_struct(&png, nullptr);
      throw std::bad_alloc();
    }
    png_set_write_fn(png, &file, append, flush);
  }
  PngWriter(const PngWriter&) = delete;
  PngWriter& operator=(const PngWriter&) = delete;
  ~PngWriter() { png_destroy_write_struct(&png, &info); }

  png_structp png;
  png_infop info;
};

}  // namespace

std::vector<std::byte> encode_png_grey_alpha(const Image& image) {
  std::vector<std::byte> file;
  PngWriter writer(file);
  const int depth = static_cast<int>(image.bit_depth);
  png_set_IHDR(writer.png, writer.info, image.width, image.height, depth, PNG_COLOR_TYPE_GRAY_ALPHA,
               PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  png_write_info(writer.png, writer.info);
  std::vector<png_byte> row;
  for (std::size_t y = 0; y < image.height; ++y) {
    row.clear();
    const auto put = [&](unsigned sample) {
      if (depth == 16) row.push_back(static_cast<png_byte>(sample >> 8));
      row.push_back(static_cast<png_byte>(sample & 0xff));
    };
    for (std::size_t i = y * image.width; i < (y + 1) * image.width; ++i) {
      put(depth == 16 ? image.samples16[i] : image.samples[i]);
      put(depth == 16 ? image.alpha16[i] : image.alpha[i]);
    }
    png_write_row(writer.png, row.data());
  }
  png_write_end(writer.png, writer.info);
  return file;
}

}  // namespace vaec::image
