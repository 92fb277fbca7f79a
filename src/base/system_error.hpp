// errno in words.
#pragma once

#include <string>

namespace vaec::base {

// "No such file or directory": the same words wherever vaec reports a system call.
[[nodiscard]] std::string error_text(int error_number);

}  // namespace vaec::base
