// JPEG: segments that each begin with a marker; entropy-coded data after
// each start of scan (ITU-T T.81, annex B).
#include <cstring>
#include <string>

#include "image/byte_reader.hpp"
#include "image/probe_formats.hpp"
#include "image/tiff_directory.hpp"

namespace vaec::image {
namespace {

using namespace std::string_view_literals;

constexpr std::uint32_t kEndOfImage = 0xd9, kApp1 = 0xe1, kApp2 = 0xe2;

bool is_frame_header(std::uint32_t marker) {
  constexpr std::uint32_t kHuffmanTables = 0xc4, kExtension = 0xc8, kArithmeticConditioning = 0xcc;
  return marker >= 0xc0 && marker <= 0xcf && marker != kHuffmanTables && marker != kExtension &&
         marker != kArithmeticConditioning;
}

// Markers without a segment: fill bytes, stuffed zeros, TEM, RST0..7, SOI.
bool stands_alone(std::uint32_t marker) {
  return marker == 0xff || marker == 0x00 || marker == 0x01 || (marker >= 0xd0 && marker <= 0xd8);
}

// Where the next 0xff byte stands, from `offset` on; the file's end if there is none.
std::uint64_t next_marker(std::span<const std::byte> file, std::uint64_t offset) {
  if (offset >= file.size()) return file.size();
  const void* found = std::memchr(file.data() + offset, 0xff, file.size() - offset);
  return found == nullptr ? file.size()
                          : static_cast<std::uint64_t>(static_cast<const std::byte*>(found) - file.data());
}

void note_segment(std::uint32_t marker, std::span<const std::byte> data, Probe& result) {
  if (is_frame_header(marker)) {
    result.has_second_header = result.width != 0 || result.height != 0;
    if (result.has_second_header) return;
    result.height = read_integer(data, 1, 2, Endian::kBig).value_or(0);
    result.width = read_integer(data, 3, 2, Endian::kBig).value_or(0);
    result.is_cmyk = read_integer(data, 5, 1, Endian::kBig) == 4U;
  } else if (marker == kApp1 && has_text_at(data, 0, "Exif\0\0"sv)) {
    result.has_metadata = true;
    result.orientation = exif_orientation(data.subspan(6));
  } else if (marker == kApp1 && has_text_at(data, 0, "http://ns.adobe.com/xap/"sv)) {
    result.has_metadata = true;
  } else if (marker == kApp2 && has_text_at(data, 0, "ICC_PROFILE\0"sv)) {
    result.has_icc = true;
  }
}

}  // namespace

Probe probe_jpeg(std::span<const std::byte> file) {
  Probe result;
  result.damage = "truncated: the JPEG's end marker is missing";
  std::uint64_t offset = 0;
  while (true) {
    offset = next_marker(file, offset);
    const auto marker = read_integer(file, offset + 1, 1, Endian::kBig);
    if (!marker) return result;
    if (stands_alone(*marker)) {
      offset += *marker == 0xff ? 1 : 2;
      continue;
    }
    if (*marker == kEndOfImage) break;
    const auto length = read_integer(file, offset + 2, 2, Endian::kBig);
    if (!length || *length < 2 || *length > file.size() - offset - 2) return result;
    note_segment(*marker, file.subspan(offset + 4, *length - 2), result);
    offset += 2 + *length;
  }
  result.damage = result.has_second_header ? "damaged: the JPEG has a second frame header" : "";
  if (!result.damage.empty()) return result;
  if (result.width == 0 || result.height == 0) result.damage = "damaged: the JPEG says no width and height";
  return result;
}

}  // namespace vaec::image
