#include "base/file_descriptor.hpp"

#include <unistd.h>

#include <cerrno>
#include <utility>

namespace vaec::base {

int FileDescriptor::close() {
  const int held = std::exchange(descriptor_, -1);
  return held < 0 || ::close(held) == 0 ? 0 : errno;
}

}  // namespace vaec::base
