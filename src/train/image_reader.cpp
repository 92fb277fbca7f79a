#include "train/image_reader.hpp"

#include <span>
#include <string>
#include <utility>

#include "base/atomic_file.hpp"
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
  const std::string header = (image.channels == 1 ? "P5\n" : "P6\n") + std::to_string(image.width) + " " +
                             std::to_string(image.height) + "\n255\n";
  base::AtomicFile out(file, true);
  out.write(std::as_bytes(std::span(header)));
  out.write(std::as_bytes(std::span(image.samples)));
  out.commit();
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

const char* picture_extension() { return writer() ? ".png" : ".ppm"; }

void write_picture(const std::filesystem::path& file, const Image& image) {
  if (writer()) {
    writer()(file, image);
  } else {
    write_ppm(file, image);
  }
}

}  // namespace vaec::train
