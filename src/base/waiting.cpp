#include "base/waiting.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>

#include "base/interrupt.hpp"

namespace vaec::base {
namespace {

constexpr int kPatience = 50;  // milliseconds between two looks at whether to stop

bool is_of_type(const struct stat& status, mode_t type) { return (status.st_mode & S_IFMT) == type; }

// False if a stop was requested before `descriptor` was ready for `events`.
bool wait_until_ready(int descriptor, short events) {
  if (descriptor < 0)
    return true;  // poll() would leave it out, and wait for ever; read() or write() refuses it
  while (true) {
    const bool stopping = stop_requested();
    pollfd waited{descriptor, events, 0};
    const int ready = poll(&waited, 1, stopping ? 0 : kPatience);
    if (ready > 0 || (ready < 0 && errno != EINTR)) return true;  // read() or write() tells what is wrong
    if (stopping) return false;
  }
}

// Opened without waiting, and tried again while `is_to_come` says of errno that it will be possible.
template <typename Condition>
int open_patiently(const std::filesystem::path& file, int flags, const Condition& is_to_come) {
  while (true) {
    const int descriptor = open(file.c_str(), flags | O_CLOEXEC | O_NONBLOCK);
    if (descriptor >= 0) return descriptor;
    // Another program (a file server) may have a lease on the file, which the system is taking back.
    if (errno != EINTR && errno != EWOULDBLOCK && !is_to_come(errno)) return descriptor;
    if (stop_requested()) {
      errno = EINTR;
      return -1;
    }
    poll(nullptr, 0, kPatience);
  }
}

}  // namespace

int open_to_read(const std::filesystem::path& file) {
  return open_patiently(file, O_RDONLY, [](int) { return false; });
}

int open_to_write(const std::filesystem::path& file) {
  return open_patiently(file, O_WRONLY, [&](int error) {
    struct stat status {};
    const bool has_no_reader =
        error == ENXIO && stat(file.c_str(), &status) == 0 && is_of_type(status, S_IFIFO);
    errno = error;
    return has_no_reader;
  });
}

ssize_t read_some(int descriptor, std::span<std::byte> bytes) {
  while (true) {
    if (stop_requested() || !wait_until_ready(descriptor, POLLIN)) {
      errno = EINTR;
      return -1;
    }
    const ssize_t count = read(descriptor, bytes.data(), bytes.size());
    if (count >= 0 || (errno != EINTR && errno != EAGAIN)) return count;
  }
}

int write_all(int descriptor, std::span<const std::byte> bytes) {
  struct stat status {};
  const bool may_wait = fstat(descriptor, &status) != 0 || !is_of_type(status, S_IFREG);
  while (!bytes.empty()) {
    if (may_wait && !wait_until_ready(descriptor, POLLOUT)) return EINTR;
    // A pipe that is ready takes so much without waiting, whether or not it was opened for that.
    const std::size_t most = may_wait ? std::min<std::size_t>(bytes.size(), PIPE_BUF) : bytes.size();
    const ssize_t count = write(descriptor, bytes.data(), most);
    if (count < 0 && errno != EINTR && errno != EAGAIN) return errno;
    if (count > 0) bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
  return 0;
}

}  // namespace vaec::base
