// How the trainer reads pictures: given by the program, so that this room needs no OpenCV.
#pragma once

#include <filesystem>
#include <functional>

#include "vaec/image.hpp"

namespace vaec::train {

// Reads one picture as 8-bit RGB. Throws Error kUnreadable.
using ImageReader = std::function<Image(const std::filesystem::path&)>;
// Writes a PNG. Throws Error kWrite.
using ImageWriter = std::function<void(const std::filesystem::path&, const Image&)>;

// Set once at the start of the program (plugin/torch.cpp); without a reader only IDX and packed data can be
// trained on, without a writer pictures are written as .ppm.
void set_image_io(ImageReader reader, ImageWriter writer);

// Throws Error kUnreadable; also when no reader was set. Safe to call from several threads if the reader is.
[[nodiscard]] Image read_picture(const std::filesystem::path& file);

// What write_picture() writes: ".png", or ".ppm" without a writer.
[[nodiscard]] const char* picture_extension();

// Throws Error kWrite.
void write_picture(const std::filesystem::path& file, const Image& image);

}  // namespace vaec::train
