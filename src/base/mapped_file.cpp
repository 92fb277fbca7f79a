#include "base/mapped_file.hpp"

#include <sys/mman.h>
#include <sys/stat.h>

#include <cerrno>
#include <string>

#include "base/file_descriptor.hpp"
#include "base/system_error.hpp"
#include "base/waiting.hpp"

namespace vaec::base {

MappedFile map_file(const std::filesystem::path& file, ErrorCode code) {
  const auto fail = [&](const std::string& why) {
    throw Error(code, file.string() + ": cannot be read: " + why);
  };
  const FileDescriptor fd(open_to_read(file));  // a named pipe is refused below, not waited for
  if (fd.get() < 0) fail(error_text(errno));
  struct stat info = {};
  if (::fstat(fd.get(), &info) != 0) fail(error_text(errno));
  if (!S_ISREG(info.st_mode)) fail("not a regular file");

  MappedFile mapped;
  const auto size = static_cast<std::size_t>(info.st_size);
  if (size > 0) {
    void* address = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd.get(), 0);
    if (address == MAP_FAILED) fail(error_text(errno));
    mapped.storage = {address, [size](const void* p) { ::munmap(const_cast<void*>(p), size); }};
    mapped.bytes = {static_cast<const std::byte*>(address), size};
  }
  return mapped;
}

}  // namespace vaec::base
