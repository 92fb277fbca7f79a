// What libvaec.so exports: all else in it is hidden.
#pragma once

#if defined(__GNUC__)
#define VAEC_API __attribute__((visibility("default")))
#else
#define VAEC_API
#endif
