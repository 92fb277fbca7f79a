// Writes packed data sets (train/packed.hpp) for tests.
#pragma once

#include <bit>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <span>

#include "vaec/image.hpp"

namespace vaec::train {

inline void write_packed(const std::filesystem::path& file, std::span<const Image> images) {
  static_assert(std::endian::native == std::endian::little);
  std::ofstream out(file, std::ios::binary);
  const auto number = [&](std::uint32_t value) { out.write(reinterpret_cast<const char*>(&value), 4); };
  out << "VPCK";
  number(1);  // the version
  number(static_cast<std::uint32_t>(images.size()));
  for (const auto& image : images) {
    number(image.width);
    number(image.height);
    number(image.channels);
    out.write(reinterpret_cast<const char*>(image.samples.data()),
              static_cast<std::streamsize>(image.samples.size()));
  }
}

}  // namespace vaec::train
