#include "image/signature.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

#include "image/byte_reader.hpp"

namespace vaec::image {
namespace {

using namespace std::string_view_literals;

bool is_white_space(std::span<const std::byte> file, std::size_t at) {
  constexpr auto kWhite = " \t\r\n\v\f"sv;
  return at < file.size() && kWhite.find(std::to_integer<char>(file[at])) != std::string_view::npos;
}

// "P1" to "P6", white space, and a digit or a comment: a text may begin with the first two.
bool is_pnm(std::span<const std::byte> file) {
  if (!has_text_at(file, 0, "P"sv) || file.size() < 3) return false;
  const char kind = std::to_integer<char>(file[1]);
  if (kind < '1' || kind > '6') return false;
  std::size_t at = 2;
  while (is_white_space(file, at)) ++at;
  if (has_text_at(file, at, "#"sv)) return true;
  const char next = at < file.size() ? std::to_integer<char>(file[at]) : '\0';
  return at > 2 && next >= '0' && next <= '9';
}

// "BM" and a header of a size that BMP has had: two letters alone begin many a text.
bool is_bmp(std::span<const std::byte> file) {
  if (!has_text_at(file, 0, "BM"sv)) return false;
  constexpr std::array<std::uint32_t, 8> kHeaders = {12, 16, 40, 52, 56, 64, 108, 124};
  const auto header = read_integer(file, 14, 4, Endian::kLittle);
  return header && std::find(kHeaders.begin(), kHeaders.end(), *header) != kHeaders.end();
}

// Whether the file-type box of an ISO base media file names one of `brands`, as the major or a compatible one.
bool has_brand(std::span<const std::byte> file, std::span<const std::string_view> brands) {
  if (!has_text_at(file, 4, "ftyp"sv)) return false;
  const auto box = read_integer(file, 0, 4, Endian::kBig).value_or(0);
  const auto end = std::min<std::uint64_t>({box, file.size(), kSignatureBytes});
  for (std::uint64_t at = 8; at + 4 <= end; at += at == 8 ? 8 : 4) {  // the minor version is no brand
    for (const auto brand : brands) {
      if (has_text_at(file, at, brand)) return true;
    }
  }
  return false;
}

// Two bytes, and a size: of the next two bits 0 to 3 say how long its number is, and small pictures have no
// reserved one. Text may begin with the same two bytes: then more of it is text.
bool is_jxl_codestream(std::span<const std::byte> file) {
  if (!has_text_at(file, 0, "\xff\x0a"sv)) return false;
  const auto rest = file.subspan(2, std::min<std::size_t>(file.size() - 2, 16));
  return !std::all_of(rest.begin(), rest.end(), [](std::byte byte) {
    const auto c = std::to_integer<unsigned char>(byte);
    return (c >= 0x20 && c < 0x7f) || c == '\n' || c == '\r' || c == '\t';
  });
}

bool is_heif(std::span<const std::byte> file) {
  constexpr std::array kBrands = {"avif"sv, "avis"sv, "heic"sv, "heix"sv, "heim"sv, "heis"sv,
                                  "hevc"sv, "hevx"sv, "mif1"sv, "mif2"sv, "msf1"sv};
  return has_brand(file, kBrands);
}

}  // namespace

FileFormat format_by_signature(std::span<const std::byte> file) {
  if (has_text_at(file, 0, "\x89PNG\r\n\x1a\n"sv)) return FileFormat::kPng;
  if (has_text_at(file, 0, "\xff\xd8\xff"sv)) return FileFormat::kJpeg;
  if (has_text_at(file, 0, "RIFF"sv) && has_text_at(file, 8, "WEBP"sv)) return FileFormat::kWebp;
  for (const auto tiff : {"II*\0"sv, "MM\0*"sv, "II+\0\x08\0\0\0"sv, "MM\0+\0\x08\0\0"sv}) {
    if (has_text_at(file, 0, tiff)) return FileFormat::kTiff;
  }
  if (has_text_at(file, 0, "\0\0\0\x0cjP  \r\n\x87\n"sv) || has_text_at(file, 0, "\xff\x4f\xff\x51"sv)) {
    return FileFormat::kJpeg2000;
  }
  if (has_text_at(file, 0, "GIF87a"sv) || has_text_at(file, 0, "GIF89a"sv)) return FileFormat::kGif;
  if (is_jxl_codestream(file) || has_text_at(file, 0, "\0\0\0\x0cJXL \r\n\x87\n"sv)) {
    return FileFormat::kJpegXl;
  }
  if (is_heif(file)) return FileFormat::kHeif;
  if (is_pnm(file)) return FileFormat::kPnm;
  if (is_bmp(file)) return FileFormat::kBmp;
  return FileFormat::kUnknown;
}

std::string foreign_format(std::span<const std::byte> file) {
  constexpr std::array kCanonRaw = {"crx "sv};
  if (has_text_at(file, 0, "8BPS"sv)) return "a Photoshop";
  if (has_text_at(file, 0, "\x76\x2f\x31\x01"sv)) return "an OpenEXR";
  if (has_text_at(file, 0, "#?RADIANCE"sv) || has_text_at(file, 0, "#?RGBE"sv)) return "a Radiance HDR";
  if (has_text_at(file, 0, "P7\n"sv)) return "a PAM";
  if (has_text_at(file, 0, "PF\n"sv) || has_text_at(file, 0, "Pf\n"sv)) return "a floating-point PFM";
  if (has_text_at(file, 0, "qoif"sv)) return "a QOI";
  if (has_text_at(file, 0, "gimp xcf "sv)) return "a GIMP";
  // A reserved 0, the kind 1, some pictures, and the first one's byte that must be 0.
  if (has_text_at(file, 0, "\0\0\1\0"sv) &&
      read_integer(file, 4, 2, Endian::kLittle).value_or(0) - 1U < 256U && has_text_at(file, 9, "\0"sv))
    return "an icon (ICO)";
  if (has_text_at(file, 0, "DDS \x7c\0\0\0"sv)) return "a DDS";
  if (has_text_at(file, 0, "FUJIFILMCCD-RAW"sv) || has_text_at(file, 0, "IIRO"sv) ||
      has_text_at(file, 0, "IIU\0"sv) || has_text_at(file, 0, "\0MRM"sv) || has_text_at(file, 0, "FOVb"sv) ||
      has_brand(file, kCanonRaw)) {
    return "a camera's raw";
  }
  return {};
}

bool is_picture(std::span<const std::byte> beginning) {
  return format_by_signature(beginning) != FileFormat::kUnknown || !foreign_format(beginning).empty();
}

}  // namespace vaec::image
