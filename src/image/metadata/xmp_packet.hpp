// XMP packets as text, before anything parses them.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

namespace vaec::image {

[[nodiscard]] inline std::string_view text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// Whether it is UTF-8 and might be XML that an XMP parser deals with in reasonable time and depth: one that
// calls itself for each element, and looks through all properties for each of them. Nothing is expanded
// (XMP has no document type).
[[nodiscard]] bool is_parsable_packet(std::string_view packet);

// Writers leave kilobytes of white space before the packet's end, to change it in place.
[[nodiscard]] std::string_view without_trailing_space(std::string_view packet);
[[nodiscard]] std::vector<std::byte> without_padding(std::string_view packet);

}  // namespace vaec::image
