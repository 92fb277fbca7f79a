// The one exception type of vaec. Library functions throw it, and std::bad_alloc where the system has no
// memory left; they never print or exit.
#pragma once

#include <stdexcept>
#include <string>

#include "vaec/export.hpp"

namespace vaec {

// Three families, never mixed: bad input, environment, internal.
enum class ErrorCode {
  kUsage,        // the caller asked for something that makes no sense            (exit status 2)
  kUnreadable,   // an input image or data set is missing, damaged or unsupported (exit status 3)
  kCorrupt,      // a .vaec stream is truncated or damaged, or none at all        (exit status 4)
  kLimit,        // a size limit or memory                                        (exit status 5)
  kWrite,        // an output cannot be written                                   (exit status 6)
  kModel,        // a model is missing, damaged or not the one a file needs       (exit status 7)
  kUnsupported,  // a .vaec stream that needs a newer vaec                        (exit status 8)
  kTraining,     // training cannot go on (a loss that is not a number)           (exit status 1)
  kInterrupted,  // SIGINT, SIGTERM or SIGHUP                                     (exit status 130)
  kInternal,     // a bug in vaec                                                 (exit status 70)
};

class VAEC_API Error : public std::runtime_error {
 public:
  Error(ErrorCode code, const std::string& message) : std::runtime_error(message), code_(code) {}
  [[nodiscard]] ErrorCode code() const { return code_; }

 private:
  ErrorCode code_;
};

// The exit status that stands for `code` (see the table above).
[[nodiscard]] VAEC_API int exit_status(ErrorCode code);

}  // namespace vaec
