// The one boundary where exceptions, LibTorch's included, become a code and one line of text.
#pragma once

#include <string>

#include "vaec/error.hpp"

namespace vaec::cli {

struct Failure {
  ErrorCode code = ErrorCode::kInternal;
  std::string message;  // one line
};

// Describes the exception that is being handled: call it inside a catch block only.
[[nodiscard]] Failure current_failure();

// Runs `work`; an exception becomes an Error whose message begins with `name`,
// the file that is being worked on.
template <typename Work>
auto naming(const std::string& name, Work&& work) {
  try {
    return work();
  } catch (...) {
    const Failure failure = current_failure();
    throw Error(failure.code, name + ": " + failure.message);
  }
}

// LibTorch's what() goes on with 3 kB of backtrace.
[[nodiscard]] std::string first_line(const std::string& text);

}  // namespace vaec::cli
