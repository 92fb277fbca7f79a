#include "base/file_descriptor.hpp"

#include <unistd.h>

#include <cerrno>
#include <utility>

namespace vaec::base {

int FileDescriptor::close() {
  const int held = std::exchange(descriptor_, -1);
  return held < 0 || ::close(held) == 0 ? 0 : errno;
}

int write_all(int descriptor, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(descriptor, bytes.data(), bytes.size());
    if (count < 0 && errno != EINTR) return errno;
    if (count > 0) bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
  return 0;
}

}  // namespace vaec::base
