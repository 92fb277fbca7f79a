// What the program says while it works.
#pragma once

namespace vaec::base {

// Formats as printf() does and writes that to standard error at once. What nobody reads is lost once a stop
// was requested, not waited for.
__attribute__((format(printf, 1, 2))) void tell(const char* format, ...);

}  // namespace vaec::base
