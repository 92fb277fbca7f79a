#include "image/formats/tiff_write.hpp"

#include <algorithm>
#include <string>

#include "image/formats/tiff_file.hpp"
#include "image/metadata/tiff_exif.hpp"
#include "image/resolution.hpp"
#include "image/rows.hpp"
#include "vaec/error.hpp"

namespace vaec::image {
namespace {

constexpr std::uint64_t kStripBytes = 64 << 10;

// Offsets in a TIFF file have 32 bits, and LZW may make samples larger.
bool needs_big_tiff(const Image& image, const Metadata& metadata) {
  const std::uint64_t samples = std::uint64_t{image.width} * image.height * image.bytes_per_pixel(),
                      rest = metadata.icc.size() + metadata.xmp.size() + metadata.exif.size();
  return samples + samples / 2 + 2 * rest + kStripBytes > 0xffffffff;
}

template <typename... Values>
void set(const TiffFile& tiff, std::uint32_t tag, Values... values) {
  if (TIFFSetField(tiff.get(), tag, values...) != 1) tiff.fail_to_write();
}

std::uint32_t rows_per_strip(const Image& image) {
  const std::uint64_t row = std::uint64_t{image.width} * image.bytes_per_pixel();
  return static_cast<std::uint32_t>(std::clamp<std::uint64_t>(kStripBytes / row, 1, image.height));
}

void set_layout(const TiffFile& tiff, const Image& image) {
  set(tiff, TIFFTAG_IMAGEWIDTH, image.width);
  set(tiff, TIFFTAG_IMAGELENGTH, image.height);
  set(tiff, TIFFTAG_BITSPERSAMPLE, static_cast<int>(image.bit_depth));
  set(tiff, TIFFTAG_SAMPLESPERPIXEL, static_cast<int>(image.channels + (image.has_alpha() ? 1 : 0)));
  set(tiff, TIFFTAG_PHOTOMETRIC, image.channels == 1 ? PHOTOMETRIC_MINISBLACK : PHOTOMETRIC_RGB);
  set(tiff, TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG);
  set(tiff, TIFFTAG_COMPRESSION, COMPRESSION_LZW);
  set(tiff, TIFFTAG_PREDICTOR, PREDICTOR_HORIZONTAL);
  set(tiff, TIFFTAG_ROWSPERSTRIP, rows_per_strip(image));
  set(tiff, TIFFTAG_ORIENTATION, ORIENTATION_TOPLEFT);
  if (!image.has_alpha()) return;
  const std::uint16_t alpha = EXTRASAMPLE_UNASSALPHA;
  set(tiff, TIFFTAG_EXTRASAMPLES, 1, &alpha);
}

void set_metadata(const TiffFile& tiff, const Metadata& metadata) {
  const auto set_bytes = [&](std::uint32_t tag, const std::vector<std::byte>& bytes) {
    if (!bytes.empty()) set(tiff, tag, static_cast<std::uint32_t>(bytes.size()), bytes.data());
  };
  set_bytes(TIFFTAG_ICCPROFILE, metadata.icc);
  set_bytes(TIFFTAG_XMLPACKET, metadata.xmp);
  const Resolution& resolution = metadata.resolution;
  if (resolution.empty()) return;
  const auto unit = resolution.unit == Resolution::Unit::kInch || is_ratio(resolution)
                        ? resolution.unit
                        : Resolution::Unit::kCentimetre;
  set(tiff, TIFFTAG_RESOLUTIONUNIT,
      is_ratio(resolution)              ? RESUNIT_NONE
      : unit == Resolution::Unit::kInch ? RESUNIT_INCH
                                        : RESUNIT_CENTIMETER);
  set(tiff, TIFFTAG_XRESOLUTION, in_unit(resolution, resolution.x, unit));
  set(tiff, TIFFTAG_YRESOLUTION, in_unit(resolution, resolution.y, unit));
}

template <typename Sample>
void write_strips(const TiffFile& tiff, const Image& image) {
  const std::size_t row = image.width * (image.channels + (image.has_alpha() ? 1 : 0));
  const std::uint32_t most = rows_per_strip(image);
  std::vector<Sample> strip(row * most);
  std::uint32_t index = 0;
  for (std::uint64_t y = 0; y < image.height; y += most, ++index) {
    const auto rows = std::min<std::uint64_t>(most, image.height - y);
    for (std::uint64_t i = 0; i < rows; ++i) get_row(image, y + i, strip.data() + i * row);
    const auto size = static_cast<tmsize_t>(rows * row * sizeof(Sample));
    if (TIFFWriteEncodedStrip(tiff.get(), index, strip.data(), size) != size) tiff.fail_to_write();
  }
}

}  // namespace

std::vector<std::byte> write_tiff(const Image& image, const Metadata& metadata, const WriteOptions&,
                                  Losses& losses) {
  const bool is_big = needs_big_tiff(image, metadata);
  TiffFile tiff(is_big);
  set_layout(tiff, image);
  set_metadata(tiff, metadata);
  if (image.bit_depth == 16) {
    write_strips<std::uint16_t>(tiff, image);
  } else {
    write_strips<std::uint8_t>(tiff, image);
  }
  auto file = tiff.finish();
  if (metadata.exif.empty()) return file;
  losses.exif |= is_big;
  return is_big ? file : with_exif(file, metadata.exif);
}

}  // namespace vaec::image
