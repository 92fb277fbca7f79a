#include "cli/signals.hpp"

#include <unistd.h>

#include <csignal>
#include <cstring>

#include "base/atomic_file.hpp"
#include "base/interrupt.hpp"

namespace vaec::cli {
namespace {

constexpr int kInterruptedStatus = 130;

// Async-signal-safe calls only.
void on_stop_signal(int) {
  if (base::stop_requested()) {
    base::remove_unfinished_files();
    _exit(kInterruptedStatus);
  }
  base::request_stop();
}

}  // namespace

void install_signal_handlers() {
  struct sigaction stop = {};
  stop.sa_handler = on_stop_signal;  // no SA_RESTART: a blocked read() must return
  sigemptyset(&stop.sa_mask);
  sigaction(SIGINT, &stop, nullptr);
  sigaction(SIGTERM, &stop, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);  // write() tells of a limit, too
}

}  // namespace vaec::cli
