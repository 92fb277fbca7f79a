#include "image/formats/tiff_pixels.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "base/interrupt.hpp"
#include "image/formats/tiff_rows.hpp"
#include "image/rows.hpp"
#include "vaec/error.hpp"

namespace vaec::image {
namespace {

[[noreturn]] void refuse(const std::string& why) { throw Error(ErrorCode::kUnreadable, why); }

void check_interruption() {
  if (base::stop_requested()) throw Error(ErrorCode::kInterrupted, "interrupted");
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
void check_data(TIFF* tiff, const TiffLayout& layout, std::uint64_t file_size) {
  const auto compression = tiff_value<std::uint16_t>(tiff, TIFFTAG_COMPRESSION, COMPRESSION_NONE);
  if (compression == COMPRESSION_OJPEG) return;  // its data may lie elsewhere
  const bool is_tiled = TIFFIsTiled(tiff) == 1;
  const std::uint32_t count = is_tiled ? TIFFNumberOfTiles(tiff) : TIFFNumberOfStrips(tiff);
  const std::uint64_t most = most_from_a_byte(compression);
  const std::uint32_t rows =
      std::min(tiff_value<std::uint32_t>(tiff, TIFFTAG_ROWSPERSTRIP, layout.height), layout.height);
  const std::uint32_t strips = is_tiled ? 1 : (layout.height + rows - 1) / rows;
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::uint64_t offset = TIFFGetStrileOffset(tiff, i), size = TIFFGetStrileByteCount(tiff, i);
    const std::string what = std::string("truncated: ") + (is_tiled ? "tile " : "strip ") + std::to_string(i);
    if (size == 0) refuse(what + " is missing");
    if (offset > file_size || size > file_size - offset)
      refuse(what + " of " + std::to_string(size) + " bytes at offset " + std::to_string(offset) +
             " is not within the file of " + std::to_string(file_size));
    const std::uint32_t strip_rows = std::min(rows, layout.height - i % strips * rows);
    const std::uint64_t needed = is_tiled ? TIFFTileSize64(tiff) : TIFFVStripSize64(tiff, strip_rows);
    if (most != 0 && needed / most > size)
      refuse(what + " has " + std::to_string(size) + " bytes, too few for its pixels");
  }
}

template <typename Sample>
class PixelReader {
 public:
  PixelReader(TiffFile& tiff, const TiffLayout& layout, std::uint64_t largest, std::span<const std::byte> icc,
              bool allows_damage, Image& image)
      : tiff_(tiff),
        layout_(layout),
        largest_(largest),
        allows_damage_(allows_damage),
        rows_(tiff.get(), layout, icc),
        image_(image) {}

  void read() {
    if (TIFFIsTiled(tiff_.get()) == 1) {
      read_tiles();
    } else if (layout_.planes_apart) {
      read_strips();
    } else {
      read_lines();
    }
  }
  [[nodiscard]] const std::string& damage() const { return damage_; }
  [[nodiscard]] bool uses_profile() const { return rows_.uses_profile(); }

 private:
  // Of `pixels` side by side.
  [[nodiscard]] std::uint64_t row_bytes(std::uint64_t pixels) const {
    return (pixels * layout_.bits * (layout_.planes_apart ? 1 : layout_.samples) + 7) / 8;
  }

  // As many buffers as planes are read, each of so many rows of `bytes`, as libtiff has to see it, too.
  void allocate(std::uint64_t bytes, std::uint64_t rows, std::uint64_t libtiff_says) {
    if (bytes * rows != libtiff_says || bytes * rows > largest_)
      refuse("damaged: has strips or tiles of " + std::to_string(libtiff_says) + " bytes");
    planes_.assign(layout_.planes_apart ? rows_.used().size() : 1, std::vector<std::byte>(bytes * rows));
  }

  // After a call of libtiff's.
  bool check(bool is_good) {
    const std::string error = tiff_.error();
    if (is_good && error.empty()) return true;
    if (!allows_damage_) refuse("damaged: " + (error.empty() ? "pixels are missing" : error));
    if (damage_.empty()) damage_ = error;
    tiff_.forget_errors();
    return is_good;
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
    TIFF* tiff = tiff_.get();
    const std::uint64_t bytes = row_bytes(layout_.width);
    allocate(bytes, 1, TIFFScanlineSize64(tiff));
    const std::uint32_t in_strip = tiff_value<std::uint32_t>(tiff, TIFFTAG_ROWSPERSTRIP, layout_.height);
    for (std::uint64_t y = 0; y < layout_.height; ++y) {
      check_interruption();
      std::fill(planes_[0].begin(), planes_[0].end(), std::byte{});
      const auto row = static_cast<std::uint32_t>(y);
      const bool is_good = check(TIFFReadScanline(tiff, planes_[0].data(), row, 0) == 1);
      put(bytes, 0, row, layout_.width, 1);
      if (!is_good) y = (y / in_strip + 1) * in_strip - 1;
    }
  }

  void read_strips() {
    TIFF* tiff = tiff_.get();
    const std::uint32_t in_strip =
        std::min(tiff_value<std::uint32_t>(tiff, TIFFTAG_ROWSPERSTRIP, layout_.height), layout_.height);
    const std::uint64_t bytes = row_bytes(layout_.width);
    allocate(bytes, in_strip, TIFFVStripSize64(tiff, in_strip));
    for (std::uint64_t y = 0; y < layout_.height; y += in_strip) {
      const auto row = static_cast<std::uint32_t>(y);
      const std::uint32_t rows = std::min(in_strip, layout_.height - row);
      for (std::size_t i = 0; i < planes_.size(); ++i) {
        check_interruption();
        std::fill(planes_[i].begin(), planes_[i].end(), std::byte{});
        const auto size = static_cast<tmsize_t>(bytes * rows);
        const auto strip = TIFFComputeStrip(tiff, row, static_cast<std::uint16_t>(rows_.used()[i]));
        check(TIFFReadEncodedStrip(tiff, strip, planes_[i].data(), size) == size);
      }
      put(bytes, 0, row, layout_.width, rows);
    }
  }

  void read_tiles() {
    TIFF* tiff = tiff_.get();
    const auto tile_width = tiff_value<std::uint32_t>(tiff, TIFFTAG_TILEWIDTH, 0),
               tile_height = tiff_value<std::uint32_t>(tiff, TIFFTAG_TILELENGTH, 0);
    if (tile_width == 0 || tile_height == 0) refuse("damaged: has tiles of no size");
    const std::uint64_t bytes = row_bytes(tile_width);
    allocate(bytes, tile_height, TIFFTileSize64(tiff));
    for (std::uint64_t y = 0; y < layout_.height; y += tile_height) {
      for (std::uint64_t x = 0; x < layout_.width; x += tile_width) {
        const auto column = static_cast<std::uint32_t>(x), row = static_cast<std::uint32_t>(y);
        for (std::size_t i = 0; i < planes_.size(); ++i) {
          check_interruption();
          std::fill(planes_[i].begin(), planes_[i].end(), std::byte{});
          const auto plane = layout_.planes_apart ? rows_.used()[i] : 0;
          const auto tile = TIFFComputeTile(tiff, column, row, 0, static_cast<std::uint16_t>(plane));
          const auto size = static_cast<tmsize_t>(planes_[i].size());
          check(TIFFReadEncodedTile(tiff, tile, planes_[i].data(), size) == size);
        }
        put(bytes, column, row, std::min(tile_width, layout_.width - column),
            std::min(tile_height, layout_.height - row));
      }
    }
  }

  TiffFile& tiff_;
  const TiffLayout& layout_;
  std::uint64_t largest_;
  bool allows_damage_;
  TiffRows<Sample> rows_;
  Image& image_;
  std::vector<std::vector<std::byte>> planes_;
  std::string damage_;
};

// YCbCr that is not JPEG's, mostly of fewer colours than brightnesses: libtiff makes RGB of it.
std::string read_ycbcr(TiffFile& file, const TiffLayout& layout, std::uint64_t largest, bool allows_damage,
                       Image& image) {
  TIFF* tiff = file.get();
  char why[1024] = {};
  TIFFRGBAImage rgba = {};
  if (TIFFRGBAImageBegin(&rgba, tiff, allows_damage ? 0 : 1, why) != 1)
    refuse(std::string("is a TIFF picture of YCbCr that libtiff cannot read: ") + why);
  struct End {
    TIFFRGBAImage& rgba;
    ~End() { TIFFRGBAImageEnd(&rgba); }
  } end{rgba};
  rgba.req_orientation = rgba.orientation;  // as stored
  const std::uint32_t in_strip = TIFFIsTiled(tiff) == 1
                                     ? tiff_value<std::uint32_t>(tiff, TIFFTAG_TILELENGTH, 0)
                                     : tiff_value<std::uint32_t>(tiff, TIFFTAG_ROWSPERSTRIP, layout.height);
  const std::uint32_t most = std::min(in_strip, layout.height);
  if (most == 0 || std::uint64_t{most} * layout.width * 4 > largest) refuse("damaged: has strips of no size");
  std::vector<std::uint32_t> pixels(std::size_t{most} * layout.width);
  std::string damage;
  for (std::uint64_t y = 0; y < layout.height; y += most) {
    check_interruption();
    const std::uint32_t rows = std::min<std::uint32_t>(most, layout.height - static_cast<std::uint32_t>(y));
    std::fill(pixels.begin(), pixels.end(), 0);
    rgba.row_offset = static_cast<int>(y);
    const bool is_good = TIFFRGBAImageGet(&rgba, pixels.data(), layout.width, rows) == 1;
    if (!is_good || !file.error().empty()) {
      if (!allows_damage) refuse("damaged: " + file.error());
      if (damage.empty()) damage = file.error();
      file.forget_errors();
    }
    auto* to = image.samples.data() + y * layout.width * 3;
    for (std::size_t i = 0; i < std::size_t{rows} * layout.width; ++i) {
      *to++ = static_cast<std::uint8_t>(TIFFGetR(pixels[i]));
      *to++ = static_cast<std::uint8_t>(TIFFGetG(pixels[i]));
      *to++ = static_cast<std::uint8_t>(TIFFGetB(pixels[i]));
    }
  }
  return damage;
}

}  // namespace

std::uint64_t largest_tiff_allocation(std::span<const std::byte> file, const TiffLayout* layout) {
  constexpr std::uint64_t kSmall = std::uint64_t{1} << 20, kDecoder = std::uint64_t{16} << 20;
  const std::uint64_t directory = kSmall + 8 * std::uint64_t{file.size()};
  if (layout == nullptr) return directory;
  return directory + kDecoder + std::uint64_t{layout->width} * layout->height * layout->samples * 4;
}

void read_tiff_pixels(TiffFile& tiff, const TiffLayout& layout, std::span<const std::byte> file,
                      std::span<const std::byte> icc, const ReadOptions& options, Content& content) {
  if (!options.allows_damage) check_data(tiff.get(), layout, file.size());
  tiff.forget_errors();
  content.image = make_image(layout.header());
  const std::uint64_t largest = largest_tiff_allocation(file, &layout);
  std::string damage;
  bool uses_profile = false;
  const auto read = [&](auto&& reader) {
    reader.read();
    damage = reader.damage();
    uses_profile = reader.uses_profile();
  };
  if (layout.colours == TiffColours::kYcbcr) {
    damage = read_ycbcr(tiff, layout, largest, options.allows_damage, content.image);
  } else if (layout.bit_depth == 16) {
    read(PixelReader<std::uint16_t>(tiff, layout, largest, icc, options.allows_damage, content.image));
  } else {
    read(PixelReader<std::uint8_t>(tiff, layout, largest, icc, options.allows_damage, content.image));
  }
  if (layout.colours == TiffColours::kCmyk) {
    content.notes.push_back(uses_profile
                                ? "CMYK, converted to sRGB with its profile"
                                : "CMYK, converted to sRGB without a profile: by R = (1 - C)(1 - K)");
  }
  if (!damage.empty()) content.notes.push_back("damaged: " + damage);
}

}  // namespace vaec::image
