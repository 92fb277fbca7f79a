// Pictures that the program writes besides a codec's results: grids, reconstructions. With OpenCV any format,
// without it PPM.
#pragma once

#include <filesystem>

#include "vaec/image.hpp"

namespace vaec::cli {

// The extension of such pictures: ".png", or ".ppm" without OpenCV.
[[nodiscard]] const char* picture_extension();

// Gives the trainer its reader and writer of pictures.
void install_picture_io();

// The format is that of the file's extension. Throws Error: kUsage (format), kWrite.
void save_picture(const std::filesystem::path& file, const Image& image, bool overwrite);

}  // namespace vaec::cli
