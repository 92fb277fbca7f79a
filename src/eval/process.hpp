// Other programs, run without a shell.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace vaec::eval {

struct ProcessResult {
  int status = 0;      // the exit status; 128 + the signal for a program that a signal ended
  std::string output;  // standard output and standard error, in the order they came; of each program's
                       // beginning as much as kMostOutput
};

inline constexpr std::size_t kMostOutput = 1 << 16;

// Whether `name`, a path or a name in PATH, may be run.
[[nodiscard]] bool is_installed(const std::string& name);

// Runs `arguments[0]`, looked up in PATH, and waits for its end. Its standard input is empty. It has a
// process group of its own: Ctrl-C stops this program, which then is the one to clean up. Throws Error kWrite
// if it cannot be started, kInterrupted if a stop was requested meanwhile: it is killed then.
[[nodiscard]] ProcessResult run_process(const std::vector<std::string>& arguments);

}  // namespace vaec::eval
