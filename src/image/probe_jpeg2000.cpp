// JPEG 2000: a codestream, or boxes around one (ISO/IEC 15444-1, annexes A.5.1 and I).
#include <algorithm>
#include <string>

#include "image/byte_reader.hpp"
#include "image/probe_formats.hpp"

namespace vaec::image {
namespace {

using namespace std::string_view_literals;

// The SIZ marker segment at the codestream's start.
void note_codestream(std::span<const std::byte> stream, Probe& result) {
  if (!has_text_at(stream, 0, "\xff\x4f\xff\x51"sv)) return;
  const auto at = [&](std::uint64_t offset) {
    return std::uint64_t{read_integer(stream, offset, 4, Endian::kBig).value_or(0)};
  };
  const auto right = at(8), bottom = at(12), left = at(16), top = at(20);
  if (right <= left || bottom <= top) return;
  result.width = right - left;
  result.height = bottom - top;
  const auto channels = read_integer(stream, 40, 2, Endian::kBig).value_or(0);
  const auto bits = (read_integer(stream, 42, 1, Endian::kBig).value_or(0) & 0x7f) + 1;
  result.is_deep = bits > 8;
  if (bits <= 16) result.largest_sample = (std::uint32_t{1} << bits) - 1;
  result.has_alpha = channels == 2 || channels == 4;
  if (channels == 2 || channels > 4) {
    result.damage =
        "is a JPEG 2000 picture of " + std::to_string(channels) + " channels, which this version cannot read";
  }
}

}  // namespace

Probe probe_jpeg2000(std::span<const std::byte> file) {
  Probe result;
  if (has_text_at(file, 0, "\xff\x4f"sv)) {
    note_codestream(file, result);
  } else {
    std::uint64_t offset = 0;
    while (const auto length = read_integer(file, offset, 4, Endian::kBig)) {
      if (has_text_at(file, offset + 4, "jp2c"sv)) {
        note_codestream(file.subspan(offset + 8), result);
        break;
      }
      if (has_text_at(file, offset + 4, "uuid"sv)) result.has_metadata = true;
      if (has_text_at(file, offset + 4, "jp2h"sv)) {
        const auto header = file.subspan(offset, std::min<std::uint64_t>(*length, file.size() - offset));
        constexpr auto kColourByIcc = "colr\x02"sv;
        result.has_icc =
            std::search(header.begin(), header.end(), kColourByIcc.begin(), kColourByIcc.end(),
                        [](std::byte a, char b) { return a == static_cast<std::byte>(b); }) != header.end();
      }
      if (*length < 8) break;
      offset += *length;
    }
  }
  if (result.damage.empty() && (result.width == 0 || result.height == 0))
    result.damage = "damaged: the JPEG 2000 file says no width and height";
  return result;
}

}  // namespace vaec::image
