// Files that are there whole or not at all.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>

namespace vaec::cli {

// Writes `bytes` to a temporary file in `file`'s folder, flushes it to the disk and renames it. An existing
// file is replaced if `overwrite` says so, else kept whatever happens meanwhile. On failure nothing is left
// behind. Something that is no regular file (/dev/stdout, a named pipe) is written to directly. Throws Error
// kWrite that names the file.
void write_file(const std::filesystem::path& file, std::span<const std::byte> bytes, bool overwrite);

// Throws Error kWrite for a file that `write_file` would refuse to replace: asked before the work, to fail
// early.
void check_may_write(const std::filesystem::path& file, bool overwrite);

// Removes the temporary file of a write_file() that is under way. Async-signal-safe.
void remove_unfinished_files();

}  // namespace vaec::cli
