#include "image/formats/tiff_pixels.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "base/interrupt.hpp"
#include "image/formats/tiff_rows.hpp"
#include "image/formats/tiff_ycbcr.hpp"
#include "image/rows.hpp"
#include "vaec/error.hpp"

namespace vaec::image {
namespace {

[[noreturn]] void refuse(const std::string& why) { throw Error(ErrorCode::kUnreadable, why); }

void check_interruption() {
  if (base::stop_requested()) throw Error(ErrorCode::kInterrupted, "interrupted");
}

std::uint32_t rows_per_strip(TIFF* tiff, const TiffLayout& layout) {
  return std::clamp(tiff_value<std::uint32_t>(tiff, TIFFTAG_ROWSPERSTRIP, layout.height), 1U, layout.height);
}

// The most that a byte can become; 0: there is no such bound.
std::uint64_t most_from_a_byte(std::uint16_t compression) {
  switch (compression) {
    case COMPRESSION_NONE:
      return 1;
    case COMPRESSION_PACKBITS:
      return 64;
    case COMPRESSION_LZW:  // 12 bits stand for at most 3839 bytes
    case COMPRESSION_DEFLATE:
    case COMPRESSION_ADOBE_DEFLATE:  // 2 bits for 258
      return 4096;
    default:
      return 0;
  }
}

// The strips and tiles lie within the file and can hold what the header says, before anything is allocated.
void check_data(TIFF* tiff, const TiffLayout& layout, std::uint64_t file_size, TiffDamage& damage) {
  const auto compression = tiff_value<std::uint16_t>(tiff, TIFFTAG_COMPRESSION, COMPRESSION_NONE);
  if (compression == COMPRESSION_OJPEG) return;  // its data may lie elsewhere
  const bool is_tiled = TIFFIsTiled(tiff) == 1;
  const std::uint32_t count = is_tiled ? TIFFNumberOfTiles(tiff) : TIFFNumberOfStrips(tiff);
  const std::uint32_t rows = rows_per_strip(tiff, layout), in_plane = (layout.height - 1) / rows + 1;
  const std::uint64_t most = most_from_a_byte(compression), tile = is_tiled ? TIFFTileSize64(tiff) : 0;
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::uint64_t offset = TIFFGetStrileOffset(tiff, i), size = TIFFGetStrileByteCount(tiff, i);
    const bool is_inside = size > 0 && offset <= file_size && size <= file_size - offset;
    const std::uint32_t first = is_tiled ? 0 : i % in_plane * rows;
    const std::uint64_t needed =
        is_tiled ? tile : TIFFVStripSize64(tiff, std::min(rows, layout.height - first));
    if (is_inside && (most == 0 || needed / most <= size)) continue;
    damage.tell("truncated", (is_tiled ? "tile " : "strip ") + std::to_string(i) + " has " +
                                 std::to_string(size) + " bytes at offset " + std::to_string(offset) +
                                 " of " + std::to_string(file_size) + ", for " + std::to_string(needed) +
                                 " of samples");
    return;
  }
}

template <typename Sample>
class PixelReader {
 public:
  PixelReader(TIFF* tiff, const TiffLayout& layout, std::uint64_t largest, TiffRows<Sample>& rows,
              TiffDamage& damage, Image& image)
      : tiff_(tiff), layout_(layout), largest_(largest), rows_(rows), damage_(damage), image_(image) {}

  void read() {
    if (TIFFIsTiled(tiff_) == 1) {
      read_tiles();
    } else if (layout_.planes_apart) {
      read_strips();
    } else {
      read_lines();
    }
  }

 private:
  // Of `pixels` side by side.
  [[nodiscard]] std::uint64_t row_bytes(std::uint64_t pixels) const {
    return (pixels * layout_.bits * (layout_.planes_apart ? 1 : layout_.samples) + 7) / 8;
  }

  // As many buffers as planes are read, each of so many rows of `bytes`, as libtiff has to see it, too.
  void allocate(std::uint64_t bytes, std::uint64_t rows, std::uint64_t libtiff_says) {
    const std::size_t planes = layout_.planes_apart ? rows_.used().size() : 1;
    if (bytes * rows != libtiff_says || bytes * rows > largest_ / planes)
      refuse("damaged: has strips or tiles of " + std::to_string(libtiff_says) + " bytes");
    planes_.assign(planes, std::vector<std::byte>(bytes * rows));
  }

  // The rows of a strip or tile.
  void put(std::uint64_t bytes, std::uint32_t x, std::uint32_t y, std::uint32_t width, std::uint32_t height) {
    std::vector<const std::byte*> at;
    for (const auto& plane : planes_) at.push_back(plane.data());
    for (std::uint32_t row = 0; row < height; ++row) {
      rows_.put(at, width, x, y + row, image_);
      for (auto& from : at) from += bytes;
    }
  }

  // Rows one by one, of strips as large as they may be. One that ends early is left there.
  void read_lines() {
    const std::uint64_t bytes = row_bytes(layout_.width);
    allocate(bytes, 1, TIFFScanlineSize64(tiff_));
    const std::uint32_t in_strip = rows_per_strip(tiff_, layout_);
    for (std::uint64_t y = 0; y < layout_.height; ++y) {
      check_interruption();
      std::fill(planes_[0].begin(), planes_[0].end(), std::byte{});
      const auto row = static_cast<std::uint32_t>(y);
      const bool is_good = damage_.check(TIFFReadScanline(tiff_, planes_[0].data(), row, 0) == 1);
      put(bytes, 0, row, layout_.width, 1);
      if (!is_good) y = (y / in_strip + 1) * in_strip - 1;
    }
  }

  void read_strips() {
    const std::uint32_t in_strip = rows_per_strip(tiff_, layout_);
    const std::uint64_t bytes = row_bytes(layout_.width);
    allocate(bytes, in_strip, TIFFVStripSize64(tiff_, in_strip));
    for (std::uint64_t y = 0; y < layout_.height; y += in_strip) {
      const auto row = static_cast<std::uint32_t>(y);
      const std::uint32_t rows = std::min(in_strip, layout_.height - row);
      for (std::size_t i = 0; i < planes_.size(); ++i) {
        check_interruption();
        std::fill(planes_[i].begin(), planes_[i].end(), std::byte{});
        const auto size = static_cast<tmsize_t>(bytes * rows);
        const auto strip = TIFFComputeStrip(tiff_, row, static_cast<std::uint16_t>(rows_.used()[i]));
        damage_.check(TIFFReadEncodedStrip(tiff_, strip, planes_[i].data(), size) == size);
      }
      put(bytes, 0, row, layout_.width, rows);
    }
  }

  void read_tiles() {
    const auto tile_width = tiff_value<std::uint32_t>(tiff_, TIFFTAG_TILEWIDTH, 0),
               tile_height = tiff_value<std::uint32_t>(tiff_, TIFFTAG_TILELENGTH, 0);
    if (tile_width == 0 || tile_height == 0) refuse("damaged: has tiles of no size");
    const std::uint64_t bytes = row_bytes(tile_width);
    allocate(bytes, tile_height, TIFFTileSize64(tiff_));
    for (std::uint64_t y = 0; y < layout_.height; y += tile_height) {
      for (std::uint64_t x = 0; x < layout_.width; x += tile_width) {
        const auto column = static_cast<std::uint32_t>(x), row = static_cast<std::uint32_t>(y);
        for (std::size_t i = 0; i < planes_.size(); ++i) {
          check_interruption();
          std::fill(planes_[i].begin(), planes_[i].end(), std::byte{});
          const auto plane = layout_.planes_apart ? rows_.used()[i] : 0;
          const auto tile = TIFFComputeTile(tiff_, column, row, 0, static_cast<std::uint16_t>(plane));
          const auto size = static_cast<tmsize_t>(planes_[i].size());
          damage_.check(TIFFReadEncodedTile(tiff_, tile, planes_[i].data(), size) == size);
        }
        put(bytes, column, row, std::min(tile_width, layout_.width - column),
            std::min(tile_height, layout_.height - row));
      }
    }
  }

  TIFF* tiff_;
  const TiffLayout& layout_;
  std::uint64_t largest_;
  TiffRows<Sample>& rows_;
  TiffDamage& damage_;
  Image& image_;
  std::vector<std::vector<std::byte>> planes_;
};

}  // namespace

std::uint64_t largest_tiff_allocation(std::span<const std::byte> file, const TiffLayout* layout) {
  constexpr std::uint64_t kSmall = std::uint64_t{1} << 20, kDecoder = std::uint64_t{16} << 20;
  const std::uint64_t directory = kSmall + 8 * std::uint64_t{file.size()};
  if (layout == nullptr) return directory;
  // A tile may be much larger than the picture, where the file can fill it: Zstandard makes a block of 4 bytes.
  constexpr std::uint64_t kTile = std::uint64_t{256} << 20, kMostFromAByte = 32768;
  const std::uint64_t tile = std::min(kTile, file.size() * kMostFromAByte);
  return directory + kDecoder +
         std::max(tile, std::uint64_t{layout->width} * layout->height * layout->samples * 4);
}

void read_tiff_pixels(TiffFile& tiff, const TiffLayout& layout, std::span<const std::byte> file,
                      std::span<const std::byte> icc, const ReadOptions& options, Content& content) {
  TiffDamage damage(tiff, options.allows_damage);
  check_data(tiff.get(), layout, file.size(), damage);
  tiff.forget_errors();
  content.image = make_image(layout.header());
  const std::uint64_t largest = largest_tiff_allocation(file, &layout);
  const auto read_as = [&]<typename Sample>(Sample) {
    TiffRows<Sample> rows(tiff.get(), layout, icc);
    PixelReader<Sample>(tiff.get(), layout, largest, rows, damage, content.image).read();
    for (auto& note : rows.notes()) content.notes.push_back(std::move(note));
  };
  if (layout.colours == TiffColours::kYcbcr) {
    read_tiff_ycbcr(tiff.get(), layout, largest, damage, content.image);
  } else if (layout.bit_depth == 16) {
    read_as(std::uint16_t{});
  } else {
    read_as(std::uint8_t{});
  }
  if (!damage.what().empty()) content.notes.push_back("damaged: " + damage.what());
}

}  // namespace vaec::image
