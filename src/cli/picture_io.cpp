#include "cli/picture_io.hpp"

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "base/atomic_file.hpp"
#include "base/picture_names.hpp"
#include "base/pnm.hpp"
#include "cli/streams.hpp"
#include "vaec/error.hpp"
#ifdef VAEC_WITH_OPENCV
#include "cli/folder_content.hpp"
#include "image/read.hpp"
#include "image/signature.hpp"
#include "image/write.hpp"
#endif

namespace vaec::cli {

void refuse_colours_in_pgm(const std::filesystem::path& file, std::uint32_t channels) {
  if (channels < 3 || base::lower_case(file.extension().string()) != ".pgm") return;
  throw Error(ErrorCode::kUsage, file.string() + ": a .pgm file holds grey alone (name it .ppm)");
}

#ifdef VAEC_WITH_OPENCV

std::vector<std::byte> read_picture_file(const std::filesystem::path& file, const Limits& limits,
                                         std::optional<base::FileAttributes>* attributes) {
  return read_input(file, limits, attributes, [&](std::span<const std::byte> beginning) {
    const bool is_known = image::format_by_signature(beginning) != image::FileFormat::kUnknown;
    if (!is_known) static_cast<void>(image::read_header(beginning, display_name(file), limits));  // says so
  });
}

train::ImageIo picture_io() {
  return {[](const std::filesystem::path& file) {
            return image::read_rgb(read_picture_file(file, Limits{}), file.string());
          },
          [](const std::filesystem::path& file, const Image& picture) {
            save_picture(file, picture, /*overwrite=*/true);
          },
          [](const std::filesystem::path& file) { return look_for_picture(file) == Sight::kTaken; }};
}

Image read_picture(const std::filesystem::path& file) {
  return image::read_pixels(read_picture_file(file, Limits{}), file.string());
}

void check_picture(const std::filesystem::path& file, bool overwrite) {
  static_cast<void>(image::format_of(file));
  base::check_may_write(file, overwrite);
}

void save_picture(const std::filesystem::path& file, const Image& picture, bool overwrite) {
  refuse_colours_in_pgm(file, picture.channels);
  base::write_file(file, image::encode_image(picture, image::format_of(file)), overwrite);
}

#else

train::ImageIo picture_io() { return {}; }

Image read_picture(const std::filesystem::path& file) {
  throw Error(ErrorCode::kUnreadable,
              file.string() + ": this vaec was built without OpenCV and reads no pictures");
}

void check_picture(const std::filesystem::path& file, bool overwrite) {
  if (file.extension() != ".ppm" && file.extension() != ".pgm") {
    throw Error(ErrorCode::kUsage,
                file.string() + ": this vaec was built without OpenCV and writes .ppm pictures only");
  }
  base::check_may_write(file, overwrite);
}

void save_picture(const std::filesystem::path& file, const Image& picture, bool overwrite) {
  check_picture(file, overwrite);
  refuse_colours_in_pgm(file, picture.channels);
  base::write_file(file, base::encode_pnm(picture), overwrite);
}

#endif

}  // namespace vaec::cli
