// What a .vaec file is made of (docs/format.md, 3 to 5): for the one who writes it and the one who reads it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "bitstream/container.hpp"
#include "vaec/image.hpp"

namespace vaec::bitstream {

inline constexpr std::array<std::byte, 4> kMagic = {std::byte{'V'}, std::byte{'A'}, std::byte{'E'},
                                                    std::byte{'C'}};
inline constexpr std::uint8_t kProfileMask = 0x03;  // of the flags; the other bits are reserved
inline constexpr std::size_t kShortIdSize = 4;      // bytes of the model id in a small image's file
inline constexpr std::size_t kCrcSize = 4;
inline constexpr std::uint32_t kCellSide = 16;  // pixels that a cell of the latent stands for

// Chunk types. Bit 7: a reader that does not know the type skips the chunk; else it refuses the file.
inline constexpr std::uint8_t kOptional = 0x80;
inline constexpr std::uint8_t kChunkEnd = 0x00;
inline constexpr std::uint8_t kChunkLf = 0x01;
inline constexpr std::uint8_t kChunkHyper = 0x02;
inline constexpr std::uint8_t kChunkBands = 0x03;
inline constexpr std::uint8_t kChunkSmallImage = 0x04;
inline constexpr std::uint8_t kChunkPlan = 0x05;
inline constexpr std::uint8_t kChunkPixels = 0x06;
inline constexpr std::uint8_t kChunkExact = 0x07;
inline constexpr std::uint8_t kChunkFilter = 0x08;
inline constexpr std::uint8_t kChunkAlpha = 0x10;
inline constexpr std::uint8_t kChunkLatentCrc = 0x81;
inline constexpr std::uint8_t kChunkIcc = 0x90;
inline constexpr std::uint8_t kChunkExif = 0x91;
inline constexpr std::uint8_t kChunkXmp = 0x92;
inline constexpr std::uint8_t kChunkResolution = 0x93;

inline constexpr std::uint8_t kLargestUnit = static_cast<std::uint8_t>(Resolution::Unit::kMetre);

// For messages: its number, and what it holds.
[[nodiscard]] std::string chunk_name(std::uint8_t type);

// Bytes of the model id that a file stores.
[[nodiscard]] std::size_t id_size_of(const Header& header);

// Whether a band of so many pixel rows ends with a row of cells.
[[nodiscard]] constexpr bool holds_whole_cells(std::uint32_t rows) {
  return rows >= 1 && rows <= kMaxBandRows && rows % kCellSide == 0;
}

}  // namespace vaec::bitstream
