#include "train/image_reader.hpp"

#include <utility>

#include "base/atomic_file.hpp"
#include "base/picture_names.hpp"
#include "base/pnm.hpp"
#include "vaec/error.hpp"

namespace vaec::train {
namespace {

ImageIo& io() {
  static ImageIo functions;
  return functions;
}

}  // namespace

void set_image_io(ImageIo new_io) { io() = std::move(new_io); }

Image read_picture(const std::filesystem::path& file) {
  if (!io().reader) {
    throw Error(ErrorCode::kUnreadable,
                file.string() +
                    ": this build reads no image files (only IDX files, *.npy arrays and *.vpack data sets)");
  }
  return io().reader(file);
}

bool is_picture(const std::filesystem::path& file) {
  return io().look ? io().look(file) : base::has_picture_extension(file);
}

const char* picture_extension() { return io().writer ? ".png" : ".ppm"; }

void write_picture(const std::filesystem::path& file, const Image& image) {
  if (io().writer) {
    io().writer(file, image);
  } else {
    base::write_file(file, base::encode_pnm(image), /*overwrite=*/true);
  }
}

}  // namespace vaec::train
