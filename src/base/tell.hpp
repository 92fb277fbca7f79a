// What the program says while it works.
#pragma once

#include <string>

namespace vaec::base {

// `text` with a question mark in the place of each control character but line ends and tabs: names of files and what
// stands in them come along, and must not command a terminal.
[[nodiscard]] std::string harmless(std::string text);

// Formats as printf() does and writes that, harmless, to standard error at once. What nobody reads is lost once a stop
// was requested, not waited for.
__attribute__((format(printf, 1, 2))) void tell(const char* format, ...);

}  // namespace vaec::base
