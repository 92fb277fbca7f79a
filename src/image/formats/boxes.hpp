// Boxes, as JPEG 2000 and ISO base media files have them (ISO/IEC 14496-12, 4.2): a size, a type, a content.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "image/byte_reader.hpp"

namespace vaec::image {

struct BoxesEnd {
  std::uint64_t offset = 0;   // of what is no box
  std::uint64_t missing = 0;  // bytes that the last box has beyond the end
};

// Calls `use` with the type and the content, as far as it is there, of boxes that stand side by side.
template <typename Use>
BoxesEnd for_each_box(std::span<const std::byte> data, const Use& use) {
  constexpr std::uint64_t kHeader = 8, kLongHeader = 16;
  BoxesEnd end;
  while (data.size() - end.offset >= kHeader) {
    const auto rest = data.subspan(end.offset);
    const std::string_view type(reinterpret_cast<const char*>(rest.data()) + 4, 4);
    const bool is_type = std::all_of(type.begin(), type.end(), [](unsigned char c) {
      return c >= 0x20 && c != 0x7f;  // ISO 8859-1's letters among them
    });
    const auto number = [&](std::uint64_t offset) {
      return std::uint64_t{read_integer(rest, offset, 4, Endian::kBig).value_or(0)};
    };
    const bool is_long = number(0) == 1;
    const std::uint64_t header = is_long ? kLongHeader : kHeader, size = is_long
                                                                             ? number(8) << 32 | number(12)
                                                                         : number(0) == 0 ? rest.size()
                                                                                          : number(0);
    if (!is_type || rest.size() < header || size < header) break;
    const auto there = std::min<std::uint64_t>(size, rest.size());
    end.missing = size - there;
    use(type, rest.subspan(header, there - header));
    end.offset += there;
  }
  return end;
}

}  // namespace vaec::image
