#include "base/progress.hpp"

#include <unistd.h>

#include <cstddef>
#include <span>
#include <string_view>

#include "base/tell.hpp"
#include "base/waiting.hpp"

namespace vaec::base {

void show_progress(const std::string& line) {
  if (isatty(STDERR_FILENO) == 0) return;
  static constexpr std::string_view kCleared = "\r\033[K";
  static_cast<void>(write_all(STDERR_FILENO, std::as_bytes(std::span(kCleared))));
  tell("%s", line.c_str());
}

}  // namespace vaec::base
