#include "train/image_reader.hpp"

#include <utility>

#include "base/atomic_file.hpp"
#include "base/pnm.hpp"
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

}  // namespace

void set_image_io(ImageReader new_reader, ImageWriter new_writer) {
  reader() = std::move(new_reader);
  writer() = std::move(new_writer);
}

Image read_picture(const std::filesystem::path& file) {
  if (!reader()) {
    throw Error(ErrorCode::kUnreadable,
                file.string() +
                    ": this build reads no image files (only IDX files, *.npy arrays and *.vpack data sets)");
  }
  return reader()(file);
}

const char* picture_extension() { return writer() ? ".png" : ".ppm"; }

void write_picture(const std::filesystem::path& file, const Image& image) {
  if (writer()) {
    writer()(file, image);
  } else {
    base::write_file(file, base::encode_pnm(image), /*overwrite=*/true);
  }
}

}  // namespace vaec::train
