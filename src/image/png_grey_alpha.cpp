#include "image/png_grey_alpha.hpp"

#include <png.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <new>

#include "image/c_library.hpp"
#include "vaec/error.hpp"

namespace vaec::image {
namespace {

CLibrary& library_of(png_structp png) { return *static_cast<CLibrary*>(png_get_error_ptr(png)); }

[[noreturn]] void on_error(png_structp png, png_const_charp message) noexcept {
  if (std::strstr(message, "memory") != nullptr) library_of(png).leave_out_of_memory();
  std::array<char, 256> text{};
  std::snprintf(text.data(), text.size(), ".png file cannot be made: %s", message);
  library_of(png).leave(ErrorCode::kWrite, text.data());
}

void on_warning(png_structp, png_const_charp) noexcept {}

// Whether it fits into memory.
bool append_bytes(std::vector<std::byte>& file, const std::byte* bytes, std::size_t size) noexcept {
  try {
    file.insert(file.end(), bytes, bytes + size);
    return true;
  } catch (...) {
    return false;
  }
}

void append(png_structp png, png_bytep data, std::size_t size) noexcept {
  auto& file = *static_cast<std::vector<std::byte>*>(png_get_io_ptr(png));
  if (!append_bytes(file, reinterpret_cast<const std::byte*>(data), size))
    library_of(png).leave_out_of_memory();
}

void flush(png_structp) noexcept {}

class PngWriter {
 public:
  PngWriter(CLibrary& library, std::vector<std::byte>& file) {
    library.call([&] {
      png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &library, on_error, on_warning);
      if (png != nullptr) info = png_create_info_struct(png);
    });
    if (info == nullptr) {
      png_destroy_write_struct(&png, nullptr);
      throw std::bad_alloc();
    }
    png_set_write_fn(png, &file, append, flush);
  }
  PngWriter(const PngWriter&) = delete;
  PngWriter& operator=(const PngWriter&) = delete;
  ~PngWriter() { png_destroy_write_struct(&png, &info); }

  png_structp png = nullptr;
  png_infop info = nullptr;
};

}  // namespace

std::vector<std::byte> encode_png_grey_alpha(const Image& image) {
  std::vector<std::byte> file;
  CLibrary library;
  PngWriter writer(library, file);
  const int depth = static_cast<int>(image.bit_depth);
  library.call([&] {
    png_set_IHDR(writer.png, writer.info, image.width, image.height, depth, PNG_COLOR_TYPE_GRAY_ALPHA,
                 PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_write_info(writer.png, writer.info);
  });
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
    library.call([&] { png_write_row(writer.png, row.data()); });
  }
  library.call([&] { png_write_end(writer.png, writer.info); });
  return file;
}

}  // namespace vaec::image
