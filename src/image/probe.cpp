#include "image/probe.hpp"

#include <algorithm>
#include <cctype>
#include <optional>

#include "image/byte_reader.hpp"
#include "image/probe_formats.hpp"
#include "image/tiff_directory.hpp"

namespace vaec::image {
namespace {

// A decimal number of the header, after white space and comments.
std::optional<std::uint64_t> pnm_number(std::span<const std::byte> file, std::size_t& offset) {
  const auto at = [&](std::size_t i) { return std::to_integer<char>(file[i]); };
  while (offset < file.size() &&
         (std::isspace(static_cast<unsigned char>(at(offset))) != 0 || at(offset) == '#')) {
    if (at(offset) == '#') {
      while (offset < file.size() && at(offset) != '\n' && at(offset) != '\r') ++offset;
    } else {
      ++offset;
    }
  }
  constexpr std::uint64_t kLargest = std::uint64_t{1} << 32;
  std::optional<std::uint64_t> value;
  while (offset < file.size() && at(offset) >= '0' && at(offset) <= '9' && value.value_or(0) < kLargest) {
    value = value.value_or(0) * 10 + static_cast<std::uint64_t>(at(offset++) - '0');
  }
  return value;
}

Probe probe_pnm(std::span<const std::byte> file) {
  Probe result;
  const char kind = std::to_integer<char>(file[1]);
  std::size_t offset = 2;
  const auto width = pnm_number(file, offset);
  const auto height = pnm_number(file, offset);
  const bool is_bitmap = kind == '1' || kind == '4';
  const auto largest = is_bitmap ? std::optional<std::uint64_t>(1) : pnm_number(file, offset);
  if (!width || !height || !largest) {
    result.damage = "the PNM header does not say width, height and largest value";
    return result;
  }
  result.width = *width;
  result.height = *height;
  if (*largest < 1 || *largest > 65535) {
    result.damage = "damaged: the PNM header says that the largest sample is " + std::to_string(*largest);
    return result;
  }
  result.largest_sample = static_cast<std::uint32_t>(*largest);
  result.is_deep = *largest > 255;
  result.is_text = kind < '4';
  if (kind < '4') return result;  // as text: of no known size
  constexpr std::uint64_t kLargestSide = std::uint64_t{1} << 31;
  if (*width >= kLargestSide || *height >= kLargestSide) return result;
  const std::uint64_t samples = *width * (kind == '6' ? 3 : 1);
  const std::uint64_t row = is_bitmap ? (samples + 7) / 8 : samples * (*largest > 255 ? 2 : 1);
  const std::uint64_t rest = file.size() - std::min(file.size(), offset + 1);
  if (*height > rest / std::max<std::uint64_t>(row, 1)) {
    result.damage = "truncated: " + std::to_string(rest) + " bytes of pixels, expected " +
                    std::to_string(row) + " for each of " + std::to_string(*height) + " rows";
  }
  return result;
}

void note_samples(const TiffDirectory& directory, Probe& result) {
  constexpr std::uint32_t kMinIsWhite = 0, kMinIsBlack = 1, kCmyk = 5, kAssociated = 1, kUnassociated = 2,
                          kRgba = 4;
  const auto bits = directory.value_or(kTagBitsPerSample, 1),
             samples = directory.value_or(kTagSamplesPerPixel, 1),
             photometric = directory.value_or(kTagPhotometric, kMinIsBlack),
             extra = directory.value_or(kTagExtraSamples, 0);
  result.is_deep = bits > 8;
  result.has_alpha = directory.first_values.contains(kTagExtraSamples) || samples == kRgba;
  // OpenCV gives 8 bits through libtiff's TIFFReadRGBA functions, which multiply, 16 as they are.
  result.is_premultiplied = extra == kAssociated || (extra == kUnassociated && bits <= 8);
  result.is_inverted = photometric == kMinIsWhite && bits == 16;
  result.is_cmyk = photometric == kCmyk;
  if (!result.is_cmyk && (samples > kRgba || (result.has_alpha && samples != kRgba))) {
    result.damage = "is a TIFF picture of " + std::to_string(samples) +
                    " samples a pixel, which this version cannot read: convert it to RGB, RGBA or PNG first";
  }
}

Probe probe_tiff(std::span<const std::byte> file) {
  Probe result;
  const auto directory = read_first_directory(file);
  if (!directory) {
    result.damage = "truncated: ends before its TIFF directory does";
    return result;
  }
  result.width = directory->value_or(kTagWidth, 0);
  result.height = directory->value_or(kTagHeight, 0);
  if (result.width == 0 || result.height == 0) {
    result.damage = "damaged: the TIFF says no width and height";
    return result;
  }
  result.orientation = exif_orientation(file);
  note_samples(*directory, result);
  result.has_icc = directory->first_values.contains(kTagIccProfile);
  result.has_metadata =
      directory->first_values.contains(kTagExif) || directory->first_values.contains(kTagXmp);
  result.has_more_frames = directory->more_follow;
  return result;
}

Probe probe_as(FileFormat format, std::span<const std::byte> file) {
  switch (format) {
    case FileFormat::kPng:
      return probe_png(file);
    case FileFormat::kJpeg:
      return probe_jpeg(file);
    case FileFormat::kWebp:
      return probe_webp(file);
    case FileFormat::kBmp:
      return probe_bmp(file);
    case FileFormat::kPnm:
      return probe_pnm(file);
    case FileFormat::kTiff:
      return probe_tiff(file);
    case FileFormat::kJpeg2000:
      return probe_jpeg2000(file);
    case FileFormat::kUnknown:
      break;
  }
  return {};
}

FileFormat format_by_signature(std::span<const std::byte> file) {
  using namespace std::string_view_literals;
  if (has_text_at(file, 0, "\x89PNG\r\n\x1a\n"sv)) return FileFormat::kPng;
  if (has_text_at(file, 0, "\xff\xd8\xff"sv)) return FileFormat::kJpeg;
  if (has_text_at(file, 0, "RIFF"sv) && has_text_at(file, 8, "WEBP"sv)) return FileFormat::kWebp;
  if (has_text_at(file, 0, "BM"sv)) return FileFormat::kBmp;
  if (has_text_at(file, 0, "II*\0"sv) || has_text_at(file, 0, "MM\0*"sv)) return FileFormat::kTiff;
  if (file.size() > 2 && has_text_at(file, 0, "P"sv)) {
    const char kind = std::to_integer<char>(file[1]);
    if (kind >= '1' && kind <= '6') return FileFormat::kPnm;
  }
  if (has_text_at(file, 0, "\0\0\0\x0cjP  \r\n\x87\n"sv) || has_text_at(file, 0, "\xff\x4f\xff\x51"sv)) {
    return FileFormat::kJpeg2000;
  }
  return FileFormat::kUnknown;
}

// What people have in their folders, too, and vaec does not read.
std::string foreign_format(std::span<const std::byte> file) {
  using namespace std::string_view_literals;
  const auto brand = [&](std::string_view name) {
    return has_text_at(file, 4, "ftyp"sv) && has_text_at(file, 8, name);
  };
  if (has_text_at(file, 0, "GIF8"sv)) return "a GIF";
  if (brand("avif"sv) || brand("avis"sv)) return "an AVIF";
  if (brand("heic"sv) || brand("heix"sv) || brand("mif1"sv) || brand("msf1"sv)) return "a HEIF";
  if (has_text_at(file, 0, "\xff\x0a"sv) || has_text_at(file, 0, "\0\0\0\x0cJXL "sv)) return "a JPEG XL";
  if (has_text_at(file, 0, "8BPS"sv)) return "a Photoshop";
  if (has_text_at(file, 0, "\x76\x2f\x31\x01"sv)) return "an OpenEXR";
  if (has_text_at(file, 0, "#?RADIANCE"sv) || has_text_at(file, 0, "#?RGBE"sv)) return "a Radiance HDR";
  if (has_text_at(file, 0, "P7\n"sv)) return "a PAM";
  if (has_text_at(file, 0, "PF\n"sv) || has_text_at(file, 0, "Pf\n"sv)) return "a floating-point PFM";
  return {};
}

}  // namespace

Probe probe(std::span<const std::byte> file) {
  const FileFormat format = format_by_signature(file);
  Probe result = probe_as(format, file);
  result.format = format;
  if (format == FileFormat::kUnknown) {
    const std::string foreign = foreign_format(file);
    if (!foreign.empty()) {
      result.damage =
          "is " + foreign + " picture, which vaec does not read: convert it first, to PNG for one";
    }
  }
  return result;
}

}  // namespace vaec::image
