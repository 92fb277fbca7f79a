// A JPEG 2000 codestream's marker segments (ISO/IEC 15444-1, annex A): what it will cost and whether all of it is
// there. openjpeg tells neither before it allocates for what they say.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace vaec::image {

struct CodestreamComponent {
  std::uint32_t bits = 8;
  bool is_signed = false;
  std::uint32_t dx = 1, dy = 1;  // of the reference grid, from sample to sample
};

// The SIZ segment: areas of the reference grid.
struct CodestreamSize {
  std::uint32_t left = 0, top = 0, right = 0, bottom = 0;
  std::uint32_t tile_left = 0, tile_top = 0, tile_width = 0, tile_height = 0;
  std::uint64_t tiles = 0;
  std::vector<CodestreamComponent> components;
};

// Throws Error kUnreadable: damaged, or of a kind that is not read. At most five components of 16 bits.
[[nodiscard]] CodestreamSize read_codestream_size(std::span<const std::byte> stream);

struct CodestreamParts {
  bool is_whole = false;        // every part of every tile is there
  bool has_end_marker = false;  // behind them
  std::vector<std::string> comments;
};

// Throws Error kUnreadable where the parts' headers claim more than openjpeg should be trusted with.
[[nodiscard]] CodestreamParts read_codestream_parts(std::span<const std::byte> stream,
                                                    const CodestreamSize& size);

}  // namespace vaec::image
