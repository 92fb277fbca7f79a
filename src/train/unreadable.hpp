// What is wrong with a data set.
#pragma once

#include <string>

#include "vaec/error.hpp"

namespace vaec::train {

[[noreturn]] inline void fail(const std::string& message) { throw Error(ErrorCode::kUnreadable, message); }

}  // namespace vaec::train
