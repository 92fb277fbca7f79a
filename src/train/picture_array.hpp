// Many pictures of one size in one file: IDX (train/idx.hpp), or as NumPy saves them (train/npy_images.hpp).
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>

#include "base/picture_names.hpp"

namespace vaec::train {

struct PictureArray {
  std::size_t count = 0, rows = 0, columns = 0, channels = 0;  // each at least 1; 1 or 3 channels
  std::span<const std::uint8_t> samples;  // count * rows * columns * channels, channels interleaved
  std::shared_ptr<const void> storage;    // keeps them

  [[nodiscard]] std::size_t picture_bytes() const { return rows * columns * channels; }
  [[nodiscard]] const std::uint8_t* picture(std::size_t index) const {
    return samples.data() + index * picture_bytes();
  }
};

// By its name. Inline: a program may ask without what reads the files.
[[nodiscard]] inline bool is_idx_name(const std::filesystem::path& file) {
  return file.filename().string().find("idx3") != std::string::npos;
}
[[nodiscard]] inline bool is_npy_name(const std::filesystem::path& file) {
  const auto extension = base::lower_case(file.extension().string());
  return extension == ".npy" || extension == ".npz";  // the latter is refused, by what it is
}

// An .npy file by its name, else IDX. Throws Error kUnreadable that names the file.
[[nodiscard]] PictureArray read_picture_array(const std::filesystem::path& file);

}  // namespace vaec::train
