// Pictures that the program writes besides a codec's results: grids, reconstructions. With OpenCV any format,
// without it PPM.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

#include "base/file_attributes.hpp"
#include "train/image_reader.hpp"
#include "vaec/image.hpp"
#include "vaec/options.hpp"

namespace vaec::cli {

// How the trainer finds, reads and writes pictures; empty without OpenCV.
[[nodiscard]] train::ImageIo picture_io();

// Of any format that vaec reads; none without OpenCV. Throws Error: kUnreadable, kLimit.
[[nodiscard]] Image read_picture(const std::filesystem::path& file);

#ifdef VAEC_WITH_OPENCV
// The bytes of a picture file, for image::read_...(): of what does not begin as one no more than the beginning is read.
// Throws Error: kUnreadable, kLimit, kInterrupted.
[[nodiscard]] std::vector<std::byte> read_picture_file(
    const std::filesystem::path& file, const Limits& limits,
    std::optional<base::FileAttributes>* attributes = nullptr);
#endif

// Before any work: throws Error for a file that save_picture() could not write.
void check_picture(const std::filesystem::path& file, bool overwrite);

// Throws Error kUsage for colours that would go to a .pgm file: it holds grey alone, and others do not read it then.
void refuse_colours_in_pgm(const std::filesystem::path& file, std::uint32_t channels);

// The format is that of the file's extension. Throws Error: kUsage (format), kWrite.
void save_picture(const std::filesystem::path& file, const Image& image, bool overwrite);

}  // namespace vaec::cli
