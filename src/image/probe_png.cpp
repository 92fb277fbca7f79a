// PNG: a signature, then chunks of length, type, data, CRC-32 (ISO/IEC 15948, section 5).
#include <zlib.h>

#include <functional>
#include <string>
#include <string_view>

#include "image/byte_reader.hpp"
#include "image/probe_formats.hpp"
#include "image/tiff_directory.hpp"

namespace vaec::image {
namespace {

constexpr std::uint64_t kSignatureSize = 8, kChunkOverhead = 12;

struct Chunk {
  std::uint64_t offset = 0;
  std::string_view type;
  std::span<const std::byte> data;
  std::span<const std::byte> whole;  // with length, type and checksum
  bool intact = true;                // the checksum holds
};

bool is_critical(std::string_view type) { return type[0] >= 'A' && type[0] <= 'Z'; }

// Table 11.1 of the standard: the bit depths that go with a colour type.
bool is_allowed(std::uint32_t colour_type, std::uint32_t depth) {
  switch (colour_type) {
    case 0:
      return depth == 1 || depth == 2 || depth == 4 || depth == 8 || depth == 16;
    case 3:
      return depth == 1 || depth == 2 || depth == 4 || depth == 8;
    case 2:
    case 4:
    case 6:
      return depth == 8 || depth == 16;
    default:
      return false;
  }
}

void note_header(std::span<const std::byte> data, Probe& result) {
  constexpr std::uint32_t kAlphaUsed = 4;  // bit of the colour type
  const std::uint32_t depth = read_integer(data, 8, 1, Endian::kBig).value_or(0);
  const std::uint32_t colour_type = read_integer(data, 9, 1, Endian::kBig).value_or(1);
  result.width = read_integer(data, 0, 4, Endian::kBig).value_or(0);
  result.height = read_integer(data, 4, 4, Endian::kBig).value_or(0);
  result.has_alpha = (colour_type & kAlphaUsed) != 0;
  result.is_deep = depth > 8;
  if (!is_allowed(colour_type, depth)) {
    result.damage = "damaged: no PNG has colour type " + std::to_string(colour_type) + " with " +
                    std::to_string(depth) + " bits";
  }
}

// Calls `visit` for each chunk up to and with IEND. Gives the damage in words, or nothing.
std::string walk(std::span<const std::byte> file, const std::function<void(const Chunk&)>& visit) {
  std::uint64_t offset = kSignatureSize;
  while (true) {
    const auto length = read_integer(file, offset, 4, Endian::kBig);
    if (!length || file.size() - offset < kChunkOverhead)
      return "truncated: ends before the PNG's last chunk (IEND)";
    const auto* type = reinterpret_cast<const char*>(file.data() + offset + 4);
    Chunk chunk{offset, std::string_view(type, 4), {}, {}, true};
    const std::string place = std::string(chunk.type) + " chunk at offset " + std::to_string(offset);
    if (*length > file.size() - offset - kChunkOverhead) {
      return "truncated: " + place + " has " + std::to_string(file.size() - offset - 8) + " of " +
             std::to_string(*length) + " bytes";
    }
    chunk.data = file.subspan(offset + 8, *length);
    chunk.whole = file.subspan(offset, *length + kChunkOverhead);
    const auto crc = crc32_z(0, reinterpret_cast<const Bytef*>(type), std::size_t{*length} + 4);
    chunk.intact =
        read_integer(file, offset + 8 + *length, 4, Endian::kBig) == static_cast<std::uint32_t>(crc);
    if (!chunk.intact && is_critical(chunk.type))
      return "damaged: the checksum of the " + place + " is wrong";
    visit(chunk);
    if (chunk.type == "IEND") return {};
    offset += chunk.whole.size();
  }
}

}  // namespace

Probe probe_png(std::span<const std::byte> file) {
  Probe result;
  bool has_pixels = false;
  const std::string damage = walk(file, [&](const Chunk& chunk) {
    if (chunk.type == "IHDR" && result.width != 0) {
      result.has_second_header = true;
    } else if (chunk.type == "IHDR") {
      note_header(chunk.data, result);
    } else if (chunk.type == "IDAT") {
      has_pixels = true;
    } else if (chunk.type == "tRNS") {
      result.has_alpha = true;
    } else if (chunk.type == "iCCP") {
      result.has_icc = true;
    } else if (chunk.type == "eXIf" && chunk.intact) {
      result.has_metadata = true;
      result.orientation = exif_orientation(chunk.data);
    } else if (chunk.type == "acTL") {
      result.has_more_frames = read_integer(chunk.data, 0, 4, Endian::kBig).value_or(0) > 1;
    } else if (chunk.type == "iTXt" && has_text_at(chunk.data, 0, "XML:com.adobe.xmp")) {
      result.has_metadata = true;
    } else if ((chunk.type == "zTXt" || chunk.type == "iTXt" || chunk.type == "tEXt") &&
               has_text_at(chunk.data, 0, "Raw profile type ")) {
      result.has_metadata = true;  // as ImageMagick wrote EXIF before there was eXIf
    }
  });
  if (!damage.empty()) result.damage = damage;
  if (result.has_second_header && result.damage.empty())
    result.damage = "damaged: the PNG has a second header";
  if (!result.damage.empty()) return result;
  if (result.width == 0 || result.height == 0) result.damage = "damaged: the PNG says no width and height";
  if (!has_pixels) result.damage = "damaged: the PNG has no pixels (no IDAT chunk)";
  return result;
}

std::vector<std::byte> png_with_exif(std::span<const std::byte> file, std::span<const std::byte> exif) {
  constexpr std::string_view kType = "eXIf";
  const auto put = [](std::vector<std::byte>& to, std::uint32_t number) {
    for (int shift = 24; shift >= 0; shift -= 8) to.push_back(static_cast<std::byte>(number >> shift & 0xff));
  };
  std::vector<std::byte> chunk;
  put(chunk, static_cast<std::uint32_t>(exif.size()));
  for (const char c : kType) chunk.push_back(static_cast<std::byte>(c));
  chunk.insert(chunk.end(), exif.begin(), exif.end());
  put(chunk, static_cast<std::uint32_t>(
                 crc32_z(0, reinterpret_cast<const Bytef*>(chunk.data() + 4), chunk.size() - 4)));

  std::vector<std::byte> result(file.begin(), file.begin() + kSignatureSize);
  bool done = false;
  (void)walk(file, [&](const Chunk& other) {
    if (!done && other.type == "IDAT") {
      result.insert(result.end(), chunk.begin(), chunk.end());
      done = true;
    }
    result.insert(result.end(), other.whole.begin(), other.whole.end());
  });
  return result;
}

}  // namespace vaec::image
