#include "image/formats/jpeg2000_codestream.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "image/byte_reader.hpp"
#include "image/text_encoding.hpp"
#include "vaec/error.hpp"

namespace vaec::image {
namespace {

using Bytes = std::span<const std::byte>;

constexpr std::uint32_t kSoc = 0xff4f, kSiz = 0xff51, kCod = 0xff52, kCoc = 0xff53, kComment = 0xff64,
                        kSot = 0xff90, kSod = 0xff93, kEoc = 0xffd9;

[[noreturn]] void refuse(const std::string& why) { throw Error(ErrorCode::kUnreadable, why); }

// 0 behind the end.
std::uint32_t at(Bytes data, std::uint64_t offset, int size) {
  return read_integer(data, offset, size, Endian::kBig).value_or(0);
}

std::uint64_t divided_up(std::uint64_t a, std::uint64_t b) { return (a + b - 1) / b; }

// The worst that any COD or COC segment asks for.
struct Coding {
  std::uint32_t layers = 1, levels = 0, block_width = 6, block_height = 6;  // of blocks: powers of two
  // Powers of two of precincts, by how many levels a resolution lies below the picture's own.
  std::array<std::uint32_t, 33> precinct_width, precinct_height;

  Coding() {
    precinct_width.fill(15);
    precinct_height.fill(15);
  }

  // `parameters`: SPcod or SPcoc.
  void add(Bytes parameters, bool has_precincts) {
    const auto count = std::min<std::uint32_t>(at(parameters, 0, 1), 32);
    levels = std::max(levels, count);
    block_width = std::min(block_width, at(parameters, 1, 1) + 2);
    block_height = std::min(block_height, at(parameters, 2, 1) + 2);
    for (std::uint32_t i = 0; has_precincts && i <= count; ++i) {
      const auto sizes = at(parameters, 5 + i, 1);
      auto &width = precinct_width[count - i], &height = precinct_height[count - i];
      width = std::min(width, sizes & 15);
      height = std::min(height, sizes >> 4);
    }
  }
};

void add_segment(Coding& coding, std::uint32_t marker, Bytes data, std::size_t components) {
  if (marker == kCod) {
    coding.layers = std::max(coding.layers, at(data, 1, 2));
    if (data.size() > 5) coding.add(data.subspan(5), (at(data, 0, 1) & 1) != 0);
  } else if (marker == kCoc) {
    const std::size_t style = components < 257 ? 1 : 2;
    if (data.size() > style + 1) coding.add(data.subspan(style + 1), (at(data, style, 1) & 1) != 0);
  }
}

// openjpeg makes tables of all precincts and code-blocks of a tile, and of all its packets, before it looks
// whether any is there. A packet takes a byte at least.
void check_cost(const Coding& coding, const CodestreamSize& size, std::uint64_t bytes) {
  const std::uint64_t width = std::min<std::uint64_t>(size.tile_width, size.right - size.left),
                      height = std::min<std::uint64_t>(size.tile_height, size.bottom - size.top),
                      components = size.components.size();
  constexpr std::uint64_t kPerPrecinct = 600, kPerBlock = 600, kBands = 3;  // bytes, about
  std::uint64_t precincts = 0, blocks = 0;
  for (std::uint32_t below = 0; below <= coding.levels; ++below) {
    const auto across = divided_up(width, std::uint64_t{1} << below),
               down = divided_up(height, std::uint64_t{1} << below);
    const auto px = coding.precinct_width[below], py = coding.precinct_height[below];
    // Tiles and precincts need not begin together.
    const auto here =
        (divided_up(across, std::uint64_t{1} << px) + 1) * (divided_up(down, std::uint64_t{1} << py) + 1);
    const auto bx = std::min(coding.block_width, px), by = std::min(coding.block_height, py);
    precincts += here;
    blocks += kBands * std::max(here, divided_up(divided_up(across, 2), std::uint64_t{1} << bx) *
                                          divided_up(divided_up(down, 2), std::uint64_t{1} << by));
  }
  constexpr std::uint64_t kLeastPackets = std::uint64_t{1} << 18, kLeastBytes = std::uint64_t{1} << 28,
                          kBytesPerSample = 16;
  if (precincts * components > std::max(kLeastPackets, bytes) / std::max(coding.layers, 1U))
    refuse("damaged: the JPEG 2000 codestream says more packets than it can hold");
  if ((precincts * kPerPrecinct + blocks * kPerBlock) * components >
      kLeastBytes + width * height * components * kBytesPerSample) {
    refuse("is a JPEG 2000 picture in such small code-blocks that they would take too much memory");
  }
}

class PartsReader {
 public:
  PartsReader(Bytes stream, const CodestreamSize& size)
      : stream_(stream), size_(size), seen_(size.tiles), announced_(size.tiles) {}

  CodestreamParts read() {
    std::uint64_t offset = read_segments(2, stream_.size());
    while (at(stream_, offset, 2) == kSot && read_tile_part(offset)) {
    }
    check_cost(coding_, size_, stream_.size());
    const bool has_all_tiles = std::all_of(seen_.begin(), seen_.end(), [](auto count) { return count > 0; });
    result_.has_end_marker = at(stream_, offset, 2) == kEoc;
    const bool ends_here = stream_.size() - std::min<std::uint64_t>(offset, stream_.size()) < 2;
    result_.is_whole = has_all_tiles && (result_.has_end_marker || (ends_here && seen_ == announced_));
    return std::move(result_);
  }

 private:
  // From `offset` to the next SOT or SOD, whose offset it gives, or to `end`.
  std::uint64_t read_segments(std::uint64_t offset, std::uint64_t end) {
    while (offset + 4 <= end) {
      const auto marker = at(stream_, offset, 2), length = at(stream_, offset + 2, 2);
      if (marker == kSot || marker == kSod || marker == kEoc || marker < 0xff00) return offset;
      if (length < 2 || length > end - offset - 2) return end;
      const auto data = stream_.subspan(offset + 4, length - 2);
      add_segment(coding_, marker, data, size_.components.size());
      if (marker == kComment) add_comment(data);
      offset += 2 + std::uint64_t{length};
    }
    return offset;
  }

  // Moves on behind a tile's part; false where that cannot be found.
  bool read_tile_part(std::uint64_t& offset) {
    constexpr std::uint64_t kSotSize = 12;
    const std::uint64_t rest = stream_.size() - offset, tile = at(stream_, offset + 4, 2);
    std::uint64_t length = at(stream_, offset + 6, 4);
    const auto parts = at(stream_, offset + 11, 1);
    if (rest < kSotSize || tile >= seen_.size()) return false;
    if (length == 0 && rest >= 2) {  // up to the end marker
      length = rest - (at(stream_, stream_.size() - 2, 2) == kEoc ? 2 : 0);
    } else if (parts != 0) {
      announced_[tile] = static_cast<std::uint8_t>(parts);
    }
    read_segments(offset + kSotSize, std::min<std::uint64_t>(stream_.size(), offset + length));
    if (length < kSotSize || length > rest) return false;
    if (seen_[tile] < 255) ++seen_[tile];
    offset += length;
    return true;
  }

  void add_comment(Bytes data) {
    constexpr std::uint32_t kLatin1 = 1;
    if (data.size() <= 2 || at(data, 0, 2) != kLatin1) return;
    const std::string_view text(reinterpret_cast<const char*>(data.data()) + 2, data.size() - 2);
    // What encoders say of themselves is no one's comment.
    for (const std::string_view own : {"Created by OpenJPEG", "Kakadu-", "Kdu-"}) {
      if (text.starts_with(own)) return;
    }
    result_.comments.push_back(utf8_of_either(text));
  }

  Bytes stream_;
  const CodestreamSize& size_;
  std::vector<std::uint8_t> seen_, announced_;  // parts of each tile; announced 0: not known
  Coding coding_;
  CodestreamParts result_;
};

}  // namespace

CodestreamSize read_codestream_size(Bytes stream) {
  constexpr std::uint64_t kFixed = 42, kPerComponent = 3;
  if (stream.size() < kFixed) refuse("truncated: ends within the JPEG 2000 header");
  if (at(stream, 0, 2) != kSoc || at(stream, 2, 2) != kSiz)
    refuse("damaged: the JPEG 2000 codestream does not begin with its size");
  CodestreamSize size;
  size.right = at(stream, 8, 4);
  size.bottom = at(stream, 12, 4);
  size.left = at(stream, 16, 4);
  size.top = at(stream, 20, 4);
  size.tile_width = at(stream, 24, 4);
  size.tile_height = at(stream, 28, 4);
  size.tile_left = at(stream, 32, 4);
  size.tile_top = at(stream, 36, 4);
  const std::uint32_t count = at(stream, 40, 2);
  constexpr std::uint32_t kLargest = 0x7fffffff, kMostComponents = 5, kMostBits = 16;
  if (size.right <= size.left || size.bottom <= size.top || std::max(size.right, size.bottom) > kLargest)
    refuse("damaged: the JPEG 2000 file says no width and height");
  const auto covers = [](std::uint64_t tile, std::uint64_t length, std::uint64_t begin) {
    return length > 0 && tile <= begin && tile + length > begin;
  };
  if (!covers(size.tile_left, size.tile_width, size.left) ||
      !covers(size.tile_top, size.tile_height, size.top)) {
    refuse("damaged: the JPEG 2000 tiles do not begin where the picture does");
  }
  size.tiles = divided_up(size.right - size.tile_left, size.tile_width) *
               divided_up(size.bottom - size.tile_top, size.tile_height);
  constexpr std::uint64_t kMostTiles = 65535, kFewTiles = 1024, kLeastTile = 1024;  // pixels
  const std::uint64_t pixels = std::uint64_t{size.right - size.left} * (size.bottom - size.top);
  if (size.tiles > kMostTiles) refuse("damaged: the JPEG 2000 file says more tiles than it can have");
  if (size.tiles > std::max(kFewTiles, pixels / kLeastTile))
    refuse("is a JPEG 2000 picture of " + std::to_string(size.tiles) + " tiles, too many for its size");
  if (count == 0 || at(stream, 4, 2) != kFixed - 4 + kPerComponent * count)
    refuse("damaged: the JPEG 2000 header does not say how many components there are");
  if (count > kMostComponents)
    refuse("is a JPEG 2000 picture of " + std::to_string(count) +
           " channels, which this version cannot read");
  if (stream.size() < kFixed + kPerComponent * count) refuse("truncated: ends within the JPEG 2000 header");
  for (std::uint64_t offset = kFixed; size.components.size() < count; offset += kPerComponent) {
    const auto bits = at(stream, offset, 1);
    const CodestreamComponent component{(bits & 0x7f) + 1, bits >> 7 != 0, at(stream, offset + 1, 1),
                                        at(stream, offset + 2, 1)};
    if (component.dx == 0 || component.dy == 0) refuse("damaged: a JPEG 2000 component has no samples");
    if (component.bits > kMostBits) {
      refuse("is a JPEG 2000 picture of " + std::to_string(component.bits) +
             " bits a sample, which this version cannot read");
    }
    size.components.push_back(component);
  }
  return size;
}

CodestreamParts read_codestream_parts(Bytes stream, const CodestreamSize& size) {
  return PartsReader(stream, size).read();
}

}  // namespace vaec::image
