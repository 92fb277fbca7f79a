// For LD_PRELOAD: a file system that can rename, but not without replacing, and has no hard links: that fails with
// $VAEC_TEST_ERROR.
#include <stdio.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

extern "C" int renameat2(int, const char*, int, const char*, unsigned) noexcept {
  errno = EINVAL;
  return -1;
}

extern "C" int link(const char*, const char*) noexcept {
  const char* error = std::getenv("VAEC_TEST_ERROR");
  errno = error != nullptr ? std::atoi(error) : EPERM;
  return -1;
}
