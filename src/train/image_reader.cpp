#include "train/image_reader.hpp"

#include <fstream>
#include <string>
#include <utility>

#include "vaec/error.hpp"

namespace vaec::train {
namespace {

ImageReader& reader() {
  static ImageReader function;
  return function;
}

ImageWriter& writer() {
  static ImageWriter function;
  return function;
}

// Netpbm's binary formats: P5 for grey, P6 for RGB.
void write_ppm(const std::filesystem::path& file, const Image& image) {
  std::ofstream out(file, std::ios::binary);
  out << (image.channels == 1 ? "P5\n" : "P6\n") << image.width << ' ' << image.height << "\n255\n";
  out.write(reinterpret_cast<const char*>(image.samples.data()),
            static_cast<std::streamsize>(image.samples.size()));
  out.close();
  if (!out) throw Error(ErrorCode::kWrite, file.string() + ": cannot be written");
}

}  // namespace

void set_image_io(ImageReader new_reader, ImageWriter new_writer) {
  reader() = std::move(new_reader);
  writer() = std::move(new_writer);
}

Image read_picture(const std::filesystem::path& file) {
  if (!reader()) {
    throw Error(ErrorCode::kUnreadable,
                file.string() + ": this build reads no image files (only IDX files and *.vpack data sets)");
  }
  return reader()(file);
}

std::filesystem::path write_picture(const std::filesystem::path& stem, const Image& image) {
  const std::filesystem::path file = stem.string() + (writer() ? ".png" : ".ppm");
  if (writer()) {
    writer()(file, image);
  } else {
    write_ppm(file, image);
  }
  return file;
}

}  // namespace vaec::train
