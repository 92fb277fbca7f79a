// WebP: a RIFF file of chunks (https://developers.google.com/speed/webp/docs/riff_container; RFC 9649).
#include <string>
#include <string_view>

#include "image/byte_reader.hpp"
#include "image/probe_formats.hpp"
#include "image/tiff_directory.hpp"

namespace vaec::image {
namespace {

constexpr std::uint64_t kRiffHeaderSize = 12, kChunkHeaderSize = 8;
constexpr std::uint32_t kAnimation = 0x02, kXmp = 0x04, kExif = 0x08, kAlpha = 0x10, kIcc = 0x20;  // of VP8X

void note_extended_header(std::span<const std::byte> data, Probe& result) {
  const std::uint32_t flags = read_integer(data, 0, 1, Endian::kLittle).value_or(0);
  result.has_more_frames = (flags & kAnimation) != 0;
  result.has_metadata = (flags & (kXmp | kExif)) != 0;
  result.has_alpha = (flags & kAlpha) != 0;
  result.has_icc = (flags & kIcc) != 0;
  result.width = read_integer(data, 4, 3, Endian::kLittle).value_or(0) + std::uint64_t{1};
  result.height = read_integer(data, 7, 3, Endian::kLittle).value_or(0) + std::uint64_t{1};
}

void note_lossy(std::span<const std::byte> data, Probe& result) {
  constexpr std::uint32_t kSizeMask = 0x3fff;  // the two bits above scale, and count for nothing
  result.width = read_integer(data, 6, 2, Endian::kLittle).value_or(0) & kSizeMask;
  result.height = read_integer(data, 8, 2, Endian::kLittle).value_or(0) & kSizeMask;
}

void note_lossless(std::span<const std::byte> data, Probe& result) {
  const std::uint32_t bits = read_integer(data, 1, 4, Endian::kLittle).value_or(0);
  result.width = (bits & 0x3fff) + std::uint64_t{1};
  result.height = (bits >> 14 & 0x3fff) + std::uint64_t{1};
  result.has_alpha = (bits >> 28 & 1) != 0;
}

}  // namespace

Probe probe_webp(std::span<const std::byte> file) {
  Probe result;
  const std::uint64_t size = std::uint64_t{read_integer(file, 4, 4, Endian::kLittle).value_or(0)} + 8;
  if (size > file.size()) {
    result.damage = "truncated: the WebP file has " + std::to_string(file.size()) + " of " +
                    std::to_string(size) + " bytes";
    return result;
  }
  std::uint64_t offset = kRiffHeaderSize;
  while (offset + kChunkHeaderSize <= size) {
    const std::uint64_t length = read_integer(file, offset + 4, 4, Endian::kLittle).value_or(0);
    if (length > size - offset - kChunkHeaderSize) break;
    const auto data = file.subspan(offset + kChunkHeaderSize, length);
    const bool sized = result.width != 0;  // the first chunk decides
    if (has_text_at(file, offset, "VP8X") && !sized) note_extended_header(data, result);
    if (has_text_at(file, offset, "VP8 ") && !sized) note_lossy(data, result);
    if (has_text_at(file, offset, "VP8L") && !sized) note_lossless(data, result);
    if (has_text_at(file, offset, "EXIF")) {
      const bool prefixed = has_text_at(data, 0, std::string_view("Exif\0\0", 6));
      result.orientation = exif_orientation(prefixed ? data.subspan(6) : data);
    }
    offset += kChunkHeaderSize + length + length % 2;
  }
  if (result.width == 0 || result.height == 0)
    result.damage = "damaged: the WebP file says no width and height";
  return result;
}

std::vector<std::byte> webp_with_metadata(std::span<const std::byte> file, const Metadata& metadata) {
  std::vector<std::byte> result;
  const auto put = [&](std::uint64_t number, int size) {
    for (int i = 0; i < size; ++i) result.push_back(static_cast<std::byte>(number >> (8 * i) & 0xff));
  };
  const auto text = [&](std::string_view name) {
    for (const char c : name) result.push_back(static_cast<std::byte>(c));
  };
  const auto chunk = [&](std::string_view name, std::span<const std::byte> data) {
    if (data.empty()) return;
    text(name);
    put(data.size(), 4);
    result.insert(result.end(), data.begin(), data.end());
    if (data.size() % 2 != 0) put(0, 1);
  };
  const Probe found = probe_webp(file);
  const std::uint32_t flags = (metadata.icc.empty() ? 0 : kIcc) | (found.has_alpha ? kAlpha : 0) |
                              (metadata.exif.empty() ? 0 : kExif) | (metadata.xmp.empty() ? 0 : kXmp);
  text("RIFF");
  put(0, 4);
  text("WEBP");
  text("VP8X");
  put(10, 4);
  put(flags, 4);
  put(found.width - 1, 3);
  put(found.height - 1, 3);
  chunk("ICCP", metadata.icc);
  for (std::uint64_t offset = kRiffHeaderSize; offset + kChunkHeaderSize <= file.size();) {
    const std::uint64_t length = read_integer(file, offset + 4, 4, Endian::kLittle).value_or(0);
    if (length > file.size() - offset - kChunkHeaderSize) break;
    const auto is = [&](std::string_view name) { return has_text_at(file, offset, name); };
    if (is("VP8 ") || is("VP8L") || is("ALPH")) {
      chunk(is("VP8 ")   ? "VP8 "
            : is("VP8L") ? "VP8L"
                         : "ALPH",
            file.subspan(offset + kChunkHeaderSize, length));
    }
    offset += kChunkHeaderSize + length + length % 2;
  }
  chunk("EXIF", metadata.exif);
  chunk("XMP ", metadata.xmp);
  const auto size = result.size() - 8;
  for (std::size_t i = 0; i < 4; ++i) result[4 + i] = static_cast<std::byte>(size >> (8 * i) & 0xff);
  return result;
}

}  // namespace vaec::image
