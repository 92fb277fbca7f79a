#include "base/tell.hpp"

#include <unistd.h>

#include <cstdarg>
#include <cstddef>
#include <cstdio>
#include <span>
#include <string>
#include <utility>

#include "base/waiting.hpp"

namespace vaec::base {

std::string harmless(std::string text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto code = static_cast<unsigned char>(text[i]);
    if ((code < 0x20 && code != '\n' && code != '\t') || code == 0x7f) text[i] = '?';
    // U+0080 to U+009F are C2 80 to C2 9F in UTF-8.
    if (code >= 0x80 && code < 0xa0 && i > 0 && text[i - 1] == '\xc2') text.replace(--i, 2, "?");
  }
  return text;
}

void tell(const char* format, ...) {
  va_list arguments, again;
  va_start(arguments, format);
  va_copy(again, arguments);
  const int length = std::vsnprintf(nullptr, 0, format, arguments);
  va_end(arguments);
  std::string text(length > 0 ? static_cast<std::size_t>(length) : 0, '\0');
  std::vsnprintf(text.data(), text.size() + 1, format, again);
  va_end(again);
  text = harmless(std::move(text));
  static_cast<void>(write_all(STDERR_FILENO, std::as_bytes(std::span(text))));
}

}  // namespace vaec::base
