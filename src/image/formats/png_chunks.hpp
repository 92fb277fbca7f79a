// What PNG's ancillary chunks say of a picture (PNG specification, third edition, 11.3): metadata, colours,
// resolution.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "image/format.hpp"

namespace vaec::image {

struct PngChunk {
  std::uint32_t type = 0;  // four letters, big-endian
  std::span<const std::byte> data;
};

[[nodiscard]] constexpr std::uint32_t png_type(const char (&letters)[5]) {
  std::uint32_t type = 0;
  for (int i = 0; i < 4; ++i) type = type << 8 | static_cast<unsigned char>(letters[i]);
  return type;
}

// Whether read_png_chunks() looks at such chunks.
[[nodiscard]] bool is_read(std::uint32_t png_type);

// Adds to `content`, whose image is there, what chunks with right checksums, in the file's order, say.
void read_png_chunks(std::span<const PngChunk> chunks, const ReadOptions& options, Content& content);

}  // namespace vaec::image
