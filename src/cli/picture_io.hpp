// Pictures that the program writes besides a codec's results: grids, reconstructions. With OpenCV any format,
// without it PPM.
#pragma once

#include <cstdint>
#include <filesystem>

#include "train/image_reader.hpp"
#include "vaec/image.hpp"

namespace vaec::cli {

// How the trainer finds, reads and writes pictures; empty without OpenCV.
[[nodiscard]] train::ImageIo picture_io();

// Of any format that vaec reads; none without OpenCV. Throws Error: kUnreadable, kLimit.
[[nodiscard]] Image read_picture(const std::filesystem::path& file);

// Before any work: throws Error for a file that save_picture() could not write.
void check_picture(const std::filesystem::path& file, bool overwrite);

// Throws Error kUsage for colours that would go to a .pgm file: it holds grey alone, and others do not read it then.
void refuse_colours_in_pgm(const std::filesystem::path& file, std::uint32_t channels);

// The format is that of the file's extension. Throws Error: kUsage (format), kWrite.
void save_picture(const std::filesystem::path& file, const Image& image, bool overwrite);

}  // namespace vaec::cli
