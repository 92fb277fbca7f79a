#include "model/mapped_file.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

namespace vaec::model {

MappedFile map_file(const std::filesystem::path& file, ErrorCode code) {
  const auto fail = [&](const std::string& why) {
    throw Error(code, file.string() + ": cannot be read: " + why);
  };
  // O_NONBLOCK: a named pipe is refused below, not waited for.
  const int fd = ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) fail(std::strerror(errno));
  const std::shared_ptr<const void> closer(nullptr, [fd](const void*) { ::close(fd); });
  struct stat info {};
  if (::fstat(fd, &info) != 0) fail(std::strerror(errno));
  if (!S_ISREG(info.st_mode)) fail("not a regular file");

  MappedFile mapped;
  const auto size = static_cast<std::size_t>(info.st_size);
  if (size > 0) {
    void* address = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (address == MAP_FAILED) fail(std::strerror(errno));
    mapped.storage = {address, [size](const void* p) { ::munmap(const_cast<void*>(p), size); }};
    mapped.bytes = {static_cast<const std::byte*>(address), size};
  }
  return mapped;
}

}  // namespace vaec::model
