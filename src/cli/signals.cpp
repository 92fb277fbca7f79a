#include "cli/signals.hpp"

#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <string_view>

#include "base/atomic_file.hpp"
#include "base/interrupt.hpp"

namespace vaec::cli {
namespace {

constexpr int kInterruptedStatus = 130;
constexpr unsigned kPatience = 1;  // seconds in which most work comes to its next safe point

// Both handlers: async-signal-safe calls only.
void on_stop_signal(int) {
  if (base::stop_requested()) {
    base::remove_unfinished_files();
    _exit(kInterruptedStatus);
  }
  base::request_stop();
  alarm(kPatience);
}

// The program was heard, and still works.
void on_alarm(int) {
  static constexpr std::string_view kText = "vaec: stopping... (once more to stop at once)\n";
  const int error = errno;
  pollfd written{STDERR_FILENO, POLLOUT, 0};
  if (poll(&written, 1, 0) > 0) static_cast<void>(!write(STDERR_FILENO, kText.data(), kText.size()));
  errno = error;
}

void handle(int signal, void (*handler)(int), int flags) {
  struct sigaction action = {};
  action.sa_handler = handler;
  action.sa_flags = flags;
  sigemptyset(&action.sa_mask);
  sigaction(signal, &action, nullptr);
}

bool is_ignored(int signal) {
  struct sigaction action = {};
  return sigaction(signal, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

}  // namespace

void install_signal_handlers() {
  constexpr int kNoRestart = 0;  // a blocked read() must return
  handle(SIGINT, on_stop_signal, kNoRestart);
  handle(SIGTERM, on_stop_signal, kNoRestart);
  if (!is_ignored(SIGHUP)) handle(SIGHUP, on_stop_signal, kNoRestart);  // by nohup
  handle(SIGALRM, on_alarm, SA_RESTART);
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);  // write() tells of a limit, too
}

}  // namespace vaec::cli
