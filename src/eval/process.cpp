#include "eval/process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <sstream>

#include "base/file_descriptor.hpp"
#include "base/interrupt.hpp"
#include "base/system_error.hpp"
#include "vaec/error.hpp"

namespace vaec::eval {
namespace {

// What the child gets in place of this program's streams, signals and group.
class Spawning {
 public:
  explicit Spawning(int output) {
    posix_spawn_file_actions_init(&actions_);
    posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions_, output, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions_, output, STDERR_FILENO);
    posix_spawnattr_init(&attributes_);
    sigset_t defaults;
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGPIPE);  // ignored here, which a child would inherit
    sigaddset(&defaults, SIGXFSZ);
    posix_spawnattr_setsigdefault(&attributes_, &defaults);
    posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  }
  Spawning(const Spawning&) = delete;
  Spawning& operator=(const Spawning&) = delete;
  ~Spawning() {
    posix_spawn_file_actions_destroy(&actions_);
    posix_spawnattr_destroy(&attributes_);
  }

  // Gives an errno value, or 0.
  int start(const std::vector<std::string>& arguments, pid_t& child) {
    std::vector<char*> pointers;
    for (const std::string& argument : arguments) pointers.push_back(const_cast<char*>(argument.c_str()));
    pointers.push_back(nullptr);
    return posix_spawnp(&child, pointers[0], &actions_, &attributes_, pointers.data(), environ);
  }

 private:
  posix_spawn_file_actions_t actions_;
  posix_spawnattr_t attributes_;
};

[[noreturn]] void fail(const std::string& program, int error) {
  throw Error(ErrorCode::kWrite, program + ": cannot be run: " + base::error_text(error));
}

// A program that was started. Destroyed before its end, it is killed with all that it started.
class Child {
 public:
  explicit Child(pid_t pid) : pid_(pid) {}
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() {
    if (pid_ < 0) return;
    kill(-pid_, SIGKILL);
    (void)has_ended(0);
  }

  // `options`: of waitpid(); 0 waits.
  bool has_ended(int options) {
    while (pid_ >= 0) {
      const pid_t ended = waitpid(pid_, &status_, options);
      if (ended == 0) return false;
      if (ended == pid_ || errno != EINTR) pid_ = -1;
    }
    return true;
  }
  [[nodiscard]] int status() const {
    constexpr int kSignalled = 128;
    return WIFEXITED(status_) ? WEXITSTATUS(status_) : kSignalled + WTERMSIG(status_);
  }

 private:
  pid_t pid_;
  int status_ = 0;
};

constexpr int kPatience = 50;  // milliseconds between two looks at whether to stop

// Reads to the end, so that the program never waits; keeps the beginning. Ends with `child`, too: what it
// leaves behind may hold the pipe for ever.
std::string read_all(int descriptor, Child& child) {
  std::string text;
  std::array<char, 4096> buffer{};
  while (true) {
    base::throw_if_interrupted();
    pollfd waited{descriptor, POLLIN, 0};
    if (poll(&waited, 1, kPatience) <= 0) {
      if (child.has_ended(WNOHANG)) return text;
      continue;
    }
    const ssize_t count = read(descriptor, buffer.data(), buffer.size());
    if (count == 0 || (count < 0 && errno != EINTR)) return text;
    if (count > 0)
      text.append(buffer.data(), std::min(static_cast<std::size_t>(count), kMostOutput - text.size()));
  }
}

}  // namespace

bool is_installed(const std::string& name) {
  if (name.find('/') != std::string::npos) return access(name.c_str(), X_OK) == 0;
  const char* path = std::getenv("PATH");
  std::istringstream folders(path == nullptr ? "" : path);
  for (std::string folder; std::getline(folders, folder, ':');) {
    if (access((folder + "/" + name).c_str(), X_OK) == 0) return true;
  }
  return false;
}

ProcessResult run_process(const std::vector<std::string>& arguments) {
  std::array<int, 2> pipe_ends{};
  if (pipe2(pipe_ends.data(), O_CLOEXEC) != 0) fail(arguments.front(), errno);
  const base::FileDescriptor output(pipe_ends[0]);
  base::FileDescriptor input(pipe_ends[1]);
  pid_t pid = -1;
  if (const int error = Spawning(input.get()).start(arguments, pid); error != 0)
    fail(arguments.front(), error);
  Child child(pid);
  input.close();
  ProcessResult result;
  result.output = read_all(output.get(), child);
  while (!child.has_ended(WNOHANG)) {  // it may go on after it closed its output
    base::throw_if_interrupted();
    poll(nullptr, 0, 1);
  }
  result.status = child.status();
  return result;
}

}  // namespace vaec::eval
