// Texts as formats have them, in UTF-8.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace vaec::image {

// ISO 8859-1, whose codes are Unicode's.
[[nodiscard]] inline std::string utf8_of_latin1(std::string_view text) {
  std::string result;
  for (const char c : text) {
    const auto code = static_cast<unsigned char>(c);
    if (code < 0x80) {
      result += c;
    } else {
      result += static_cast<char>(0xc0 | code >> 6);
      result += static_cast<char>(0x80 | (code & 0x3f));
    }
  }
  return result;
}

// Without overlong forms, surrogates and codes beyond 0x10ffff (RFC 3629).
[[nodiscard]] inline bool is_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const unsigned first = static_cast<unsigned char>(text[i++]);
    const int more = first < 0x80   ? 0
                     : first < 0xc0 ? -1
                     : first < 0xe0 ? 1
                     : first < 0xf0 ? 2
                     : first < 0xf8 ? 3
                                    : -1;
    if (more < 0 || text.size() - i < static_cast<std::size_t>(more)) return false;
    unsigned code = more == 0 ? first : first & (0x3fU >> more);
    for (int k = 0; k < more; ++k) {
      const unsigned next = static_cast<unsigned char>(text[i++]);
      if ((next & 0xc0) != 0x80) return false;
      code = code << 6 | (next & 0x3f);
    }
    constexpr unsigned kLeast[] = {0, 0x80, 0x800, 0x10000};
    if (code < kLeast[more] || code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) return false;
  }
  return true;
}

// What of a file's words stands in a note: none of its control characters reach a terminal.
[[nodiscard]] inline std::string printable(std::string_view text) {
  constexpr std::size_t kLongest = 40;
  std::string result;
  for (const char c : text.substr(0, kLongest)) result += c >= ' ' && c <= '~' ? c : '?';
  return text.size() > kLongest ? result + "..." : result;
}

// Of a text whose encoding nothing says, or which may not be what it says.
[[nodiscard]] inline std::string utf8_of_either(std::string_view text) {
  return is_utf8(text) ? std::string(text) : utf8_of_latin1(text);
}

}  // namespace vaec::image
