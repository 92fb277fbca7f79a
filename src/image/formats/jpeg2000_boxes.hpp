// The boxes around a JPEG 2000 codestream (ISO/IEC 15444-1, annex I, and what 15444-2, annex M, has alike).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "vaec/image.hpp"

namespace vaec::image {

struct Jp2Palette {
  std::vector<std::uint32_t> bits;     // of each column
  std::vector<std::uint16_t> entries;  // a row of columns for each colour
  [[nodiscard]] std::size_t colours() const { return bits.empty() ? 0 : entries.size() / bits.size(); }
};

// Where a channel comes from.
struct Jp2Channel {
  std::uint32_t component = 0;
  std::optional<std::uint32_t> column;  // of the palette
};

// What a channel is for (cdef).
struct Jp2Definition {
  static constexpr std::uint32_t kColour = 0, kOpacity = 1, kPremultipliedOpacity = 2, kWholePicture = 0;
  std::uint32_t channel = 0, type = kColour, association = 0;  // colours count from 1
};

struct Jp2Boxes {
  std::span<const std::byte> codestream;
  std::uint64_t missing = 0;  // bytes that the file's boxes have beyond its end
  std::uint64_t behind = 0;   // bytes that are in no box
  bool has_more = false;      // codestreams, or the tracks of a film
  bool has_xml = false;
  Jp2Palette palette;
  std::vector<Jp2Channel> channels;  // empty: the components
  std::vector<Jp2Definition> definitions;
  std::optional<std::uint32_t> colour_space;  // EnumCS
  std::span<const std::byte> icc;
  Resolution resolution;
  std::vector<std::span<const std::byte>> exif;
  std::span<const std::byte> xmp;
};

// Of a file with or without boxes. The codestream is empty if there is none. Throws Error kUnreadable.
[[nodiscard]] Jp2Boxes read_jp2_boxes(std::span<const std::byte> file);

}  // namespace vaec::image
