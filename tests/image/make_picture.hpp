// Pictures and files for the tests of this folder.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "vaec/error.hpp"
#include "vaec/image.hpp"

namespace vaec::image {

// Smooth, with a different value nearly everywhere.
inline Image make_picture(std::uint32_t width, std::uint32_t height, std::uint32_t channels) {
  Image image{width, height, channels, {}};
  for (std::uint32_t y = 0; y < height; ++y) {
    for (std::uint32_t x = 0; x < width; ++x) {
      for (std::uint32_t c = 0; c < channels; ++c) {
        image.samples.push_back(static_cast<std::uint8_t>(x * 3 + y * (5 + c) + c * 40));
      }
    }
  }
  return image;
}

// The same with other low bytes.
inline Image with_16_bits(Image image) {
  for (const std::uint8_t sample : image.samples) {
    image.samples16.push_back(static_cast<std::uint16_t>(sample * 257));
  }
  image.samples.clear();
  image.bit_depth = 16;
  return image;
}

// With alpha from transparent to opaque.
inline Image with_alpha(Image image, std::uint32_t bit_depth) {
  if (bit_depth == 16) image = with_16_bits(std::move(image));
  const std::size_t pixels = std::size_t{image.width} * image.height;
  for (std::size_t i = 0; i < pixels; ++i) {
    if (bit_depth == 16) {
      image.alpha16.push_back(static_cast<std::uint16_t>(i * 65535 / (pixels - 1)));
    } else {
      image.alpha.push_back(static_cast<std::uint8_t>(i * 255 / (pixels - 1)));
    }
  }
  return image;
}

inline std::vector<std::byte> bytes_of(std::string_view text) {
  std::vector<std::byte> bytes;
  for (const char c : text) bytes.push_back(static_cast<std::byte>(c));
  return bytes;
}

inline void append(std::vector<std::byte>& to, const std::vector<std::byte>& from) {
  to.insert(to.end(), from.begin(), from.end());
}

inline void append_big_endian(std::vector<std::byte>& to, std::uint32_t value, int size) {
  for (int i = size - 1; i >= 0; --i) to.push_back(static_cast<std::byte>(value >> (8 * i)));
}

// Of an ISO base media file, JPEG 2000 or JPEG XL.
inline std::vector<std::byte> box(std::string_view type, const std::vector<std::byte>& data) {
  std::vector<std::byte> result;
  append_big_endian(result, static_cast<std::uint32_t>(data.size() + 8), 4);
  append(result, bytes_of(type));
  append(result, data);
  return result;
}

// A TIFF structure with nothing but an orientation.
inline std::vector<std::byte> make_exif(int orientation) {
  using namespace std::string_view_literals;
  auto exif = bytes_of("MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01"sv);
  append_big_endian(exif, static_cast<std::uint32_t>(orientation), 2);
  append(exif, bytes_of("\0\0\0\0\0\0"sv));
  return exif;
}

// Where the first directory of a TIFF structure has its orientation; 0: nowhere.
inline std::size_t place_of_orientation(const std::vector<std::byte>& tiff) {
  if (tiff.size() < 8) return 0;
  const bool big = tiff[0] == std::byte{'M'};
  const auto number = [&](std::size_t at, std::size_t size) {
    std::size_t value = 0;
    for (std::size_t i = 0; i < size; ++i) {
      value = value << 8 | std::to_integer<std::size_t>(tiff.at(at + (big ? i : size - 1 - i)));
    }
    return value;
  };
  const std::size_t begin = number(4, 4), count = number(begin, 2);
  constexpr std::size_t kEntry = 12, kOrientation = 274;
  for (std::size_t at = begin + 2; at < begin + 2 + count * kEntry; at += kEntry) {
    if (number(at, 2) == kOrientation) return at + 8;
  }
  return 0;
}

// 1: none.
inline int exif_orientation(const std::vector<std::byte>& exif) {
  const std::size_t at = place_of_orientation(exif);
  if (at == 0) return 1;
  const auto first = std::to_integer<int>(exif.at(at)), second = std::to_integer<int>(exif.at(at + 1));
  return exif[0] == std::byte{'M'} ? first << 8 | second : second << 8 | first;
}

// Of one that has an orientation.
inline void set_orientation(std::vector<std::byte>& tiff, int orientation) {
  const std::size_t at = place_of_orientation(tiff);
  tiff.at(tiff[0] == std::byte{'M'} ? at + 1 : at) = static_cast<std::byte>(orientation);
}

// Runs `work`, which must throw; gives "CODE message".
template <typename Work>
std::string error_of(Work&& work) {
  try {
    work();
  } catch (const Error& error) {
    return std::to_string(exit_status(error.code())) + " " + error.what();
  }
  return "no error";
}

}  // namespace vaec::image
