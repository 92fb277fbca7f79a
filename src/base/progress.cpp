#include "base/progress.hpp"

#include <unistd.h>

#include "base/tell.hpp"

namespace vaec::base {

void show_progress(const std::string& line) {
  if (isatty(STDERR_FILENO) == 0) return;
  tell("\r\033[K%s", line.c_str());
}

}  // namespace vaec::base
