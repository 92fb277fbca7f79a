// How the trainer finds, reads and writes pictures: given by the program, so that this room needs no OpenCV.
#pragma once

#include <filesystem>
#include <functional>

#include "vaec/image.hpp"

namespace vaec::train {

// Reads one picture as 8-bit RGB. Throws Error kUnreadable.
using ImageReader = std::function<Image(const std::filesystem::path&)>;
// Writes a PNG. Throws Error kWrite.
using ImageWriter = std::function<void(const std::filesystem::path&, const Image&)>;

// Whether a file in a folder is a picture.
using ImageLook = std::function<bool(const std::filesystem::path&)>;

// All that a program knows of pictures; what it does not is empty.
struct ImageIo {
  ImageReader reader;  // without it only arrays, IDX and packed data can be trained on
  ImageWriter writer;  // without it pictures are written as .ppm
  ImageLook look;      // without it names count
};

// Set once at the start of the program (plugin/torch.cpp).
void set_image_io(ImageIo io);

// Throws Error kUnreadable; also when no reader was set. Safe to call from several threads if the reader is.
[[nodiscard]] Image read_picture(const std::filesystem::path& file);

// Safe to call from several threads.
[[nodiscard]] bool is_picture(const std::filesystem::path& file);

// What write_picture() writes: ".png", or ".ppm" without a writer.
[[nodiscard]] const char* picture_extension();

// Throws Error kWrite.
void write_picture(const std::filesystem::path& file, const Image& image);

}  // namespace vaec::train
