// The version of the headers, and that of the library which runs. CMakeLists.txt reads the former from here.
#pragma once

#include "vaec/export.hpp"

#define VAEC_VERSION_MAJOR 0
#define VAEC_VERSION_MINOR 1
#define VAEC_VERSION_PATCH 0
#define VAEC_VERSION "0.1.0"
#define VAEC_VERSION_NUMBER (VAEC_VERSION_MAJOR * 10000 + VAEC_VERSION_MINOR * 100 + VAEC_VERSION_PATCH)

namespace vaec {

// Of the library that the program was started with: may be a newer patch than the headers it was compiled with, which
// the macros tell. Major and minor number are the same, since structs may grow with a minor version: libvaec.so's soname
// has both. What compiles with a minor version compiles with later ones of the same major number.
[[nodiscard]] VAEC_API const char* version();  // as VAEC_VERSION: "0.1.0"
[[nodiscard]] VAEC_API int version_number();   // as VAEC_VERSION_NUMBER: 100

}  // namespace vaec
