// TIFF (TIFF 6.0 and its supplements) and BigTIFF, through libtiff.
#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "image/byte_reader.hpp"
#include "image/formats/formats.hpp"
#include "image/formats/tiff_file.hpp"
#include "image/formats/tiff_layout.hpp"
#include "image/formats/tiff_pages.hpp"
#include "image/formats/tiff_pixels.hpp"
#include "image/formats/tiff_write.hpp"
#include "image/metadata/tiff_exif.hpp"
#include "image/resolution.hpp"
#include "vaec/error.hpp"

namespace vaec::image {
namespace {

using namespace std::string_view_literals;

struct Found {
  TiffPage page;
  TiffLayout layout;
};

void select(const TiffFile& tiff, const TiffPage& page) {
  if (TIFFCurrentDirOffset(tiff.get()) == page.directory) return;
  if (TIFFSetSubDirectory(tiff.get(), page.directory) != 1)
    throw Error(ErrorCode::kUnreadable, "damaged: its directory cannot be read");
}

// Raw files have directories that libtiff does not open.
Found parse(std::span<const std::byte> file) {
  if (has_text_at(file, 8, "CR\2"sv)) refuse_camera_raw();
  std::optional<TiffFile> opened;
  try {
    opened.emplace(file, largest_tiff_allocation(file, nullptr));
  } catch (const Error&) {
    if (is_camera_raw(file)) refuse_camera_raw();
    throw;
  }
  const TiffFile& tiff = *opened;
  Found found{find_tiff_page(tiff.get()), {}};
  select(tiff, found.page);
  found.layout = tiff_layout(tiff.get());
  return found;
}

Header read_header(std::span<const std::byte> file) { return parse(file).layout.header(); }

std::vector<std::byte> copy(std::span<const std::byte> bytes) { return {bytes.begin(), bytes.end()}; }

Resolution resolution_of(TIFF* tiff) {
  float x = 0, y = 0;
  if (TIFFGetField(tiff, TIFFTAG_XRESOLUTION, &x) != 1 || TIFFGetField(tiff, TIFFTAG_YRESOLUTION, &y) != 1)
    return {};
  const auto unit = tiff_value<std::uint16_t>(tiff, TIFFTAG_RESOLUTIONUNIT, RESUNIT_INCH);
  return make_resolution(unit == RESUNIT_NONE         ? Resolution::Unit::kRatio
                         : unit == RESUNIT_CENTIMETER ? Resolution::Unit::kCentimetre
                                                      : Resolution::Unit::kInch,
                         x, y);
}

// Also within Photoshop's image resources, of which 0x0404 is IPTC.
bool holds_iptc(TIFF* tiff) {
  constexpr std::array kResource = {std::byte{'8'}, std::byte{'B'}, std::byte{'I'},
                                    std::byte{'M'}, std::byte{4},   std::byte{4}};
  const auto resources = tiff_bytes(tiff, TIFFTAG_PHOTOSHOP);
  return !tiff_bytes(tiff, TIFFTAG_RICHTIFFIPTC).empty() ||
         std::search(resources.begin(), resources.end(), kResource.begin(), kResource.end()) !=
             resources.end();
}

bool has_exif(TIFF* tiff) {
  std::uint64_t directory = 0;
  if (TIFFGetField(tiff, TIFFTAG_EXIFIFD, &directory) == 1 ||
      TIFFGetField(tiff, TIFFTAG_GPSIFD, &directory) == 1)
    return true;
  constexpr std::array<std::uint32_t, 7> kTexts = {TIFFTAG_IMAGEDESCRIPTION, TIFFTAG_MAKE,     TIFFTAG_MODEL,
                                                   TIFFTAG_SOFTWARE,         TIFFTAG_DATETIME, TIFFTAG_ARTIST,
                                                   TIFFTAG_COPYRIGHT};
  return std::any_of(kTexts.begin(), kTexts.end(), [&](auto tag) {
    const char* text = nullptr;
    return TIFFGetField(tiff, tag, &text) == 1;
  });
}

void read_metadata(std::span<const std::byte> file, TIFF* tiff, const ReadOptions& options, bool takes_icc,
                   Content& content) {
  std::uint16_t orientation = 0;
  if (TIFFGetField(tiff, TIFFTAG_ORIENTATION, &orientation) == 1 && orientation >= 1 && orientation <= 8)
    content.orientation = orientation;
  if (options.keeps_metadata || !content.orientation) content.xmp = copy(tiff_bytes(tiff, TIFFTAG_XMLPACKET));
  if (!options.keeps_metadata) return;
  if (takes_icc) content.icc = copy(tiff_bytes(tiff, TIFFTAG_ICCPROFILE));
  content.resolution = resolution_of(tiff);
  TiffExif found = exif_of_tiff(file, TIFFCurrentDirOffset(tiff), options.max_metadata);
  for (const auto& tag : found.left_out) content.notes.push_back(tag + ": left out");
  if (!found.exif.empty()) content.exif.push_back(std::move(found.exif));
  if (found.has_iptc || holds_iptc(tiff)) content.notes.push_back("IPTC: left out");
  if (TIFFIsBigTIFF(tiff) == 1 && has_exif(tiff)) content.notes.push_back("EXIF of a BigTIFF: left out");
}

Content read(std::span<const std::byte> file, const ReadOptions& options) {
  const Found found = parse(file);
  TiffFile tiff(file, largest_tiff_allocation(file, &found.layout));
  select(tiff, found.page);
  const TiffLayout layout = tiff_layout(tiff.get());
  Content content;
  content.notes = found.page.notes;
  content.notes.insert(content.notes.end(), layout.notes.begin(), layout.notes.end());
  read_tiff_pixels(tiff, layout, file, tiff_bytes(tiff.get(), TIFFTAG_ICCPROFILE), options, content);
  read_metadata(file, tiff.get(), options, layout.colours != TiffColours::kCmyk, content);
  return content;
}

}  // namespace

const Format& tiff_format() {
  static const Format format{read_header, read, write_tiff};
  return format;
}

}  // namespace vaec::image
