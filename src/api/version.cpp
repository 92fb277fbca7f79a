#include "vaec/version.hpp"

namespace vaec {

const char* version() { return VAEC_VERSION; }

int version_number() { return VAEC_VERSION_NUMBER; }

}  // namespace vaec
