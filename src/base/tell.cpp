#include "base/tell.hpp"

#include <unistd.h>

#include <cstdarg>
#include <cstddef>
#include <cstdio>
#include <span>
#include <string>

#include "base/waiting.hpp"

namespace vaec::base {

void tell(const char* format, ...) {
  va_list arguments, again;
  va_start(arguments, format);
  va_copy(again, arguments);
  const int length = std::vsnprintf(nullptr, 0, format, arguments);
  va_end(arguments);
  std::string text(length > 0 ? static_cast<std::size_t>(length) : 0, '\0');
  std::vsnprintf(text.data(), text.size() + 1, format, again);
  va_end(again);
  // Names of files come along, and must not command a terminal.
  for (char& c : text) {
    const auto code = static_cast<unsigned char>(c);
    if ((code < 0x20 && c != '\n' && c != '\t') || code == 0x7f) c = '?';
  }
  static_cast<void>(write_all(STDERR_FILENO, std::as_bytes(std::span(text))));
}

}  // namespace vaec::base
