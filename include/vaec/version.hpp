// The version of the program; CMakeLists.txt reads it from here.
#pragma once

#define VAEC_VERSION_MAJOR 0
#define VAEC_VERSION_MINOR 1
#define VAEC_VERSION_PATCH 0
#define VAEC_VERSION "0.1.0"
