#include "base/system_error.hpp"

#include <system_error>

namespace vaec::base {

std::string error_text(int error_number) { return std::generic_category().message(error_number); }

}  // namespace vaec::base
