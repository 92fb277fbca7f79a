// Reading and writing what may keep one waiting: pipes, terminals, sockets. Nothing waits on after a stop was
// requested: the signal may hit another thread than the one that waits, so that its call would never return.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <filesystem>
#include <span>

namespace vaec::base {

// open() for reading. A named pipe is open at once; whoever reads from it waits for its writer.
// As open(), gives -1 and sets errno.
[[nodiscard]] int open_to_read(const std::filesystem::path& file);

// open() for writing to what is there; waits for a named pipe's reader. As open(); EINTR: a stop was
// requested.
[[nodiscard]] int open_to_write(const std::filesystem::path& file);

// read(), which waits until there is something, or the end. As read(); EINTR: a stop was requested.
[[nodiscard]] ssize_t read_some(int descriptor, std::span<std::byte> bytes);

// write() until all is out. Gives errno, or 0; EINTR: a stop was requested, and the reader is not ready for
// more.
[[nodiscard]] int write_all(int descriptor, std::span<const std::byte> bytes);

}  // namespace vaec::base
