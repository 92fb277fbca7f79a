#include "base/progress.hpp"

#include <unistd.h>

#include <cstdio>

namespace vaec::base {

void show_progress(const std::string& line) {
  if (isatty(STDERR_FILENO) == 0) return;
  std::fprintf(stderr, "\r\033[K%s", line.c_str());
  std::fflush(stderr);
}

}  // namespace vaec::base
