// Files that are there whole or not at all: everything that vaec leaves on a disk is written through here.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>

#include "base/file_attributes.hpp"

namespace vaec::base {

// A file in the making: written piece by piece to a temporary file in the target's folder, flushed to the
// disk and renamed by commit(). Without commit() nothing is left behind. Something that is no regular file
// (/dev/stdout, a named pipe) is written to directly; a link is written through, not replaced.
class AtomicFile {
 public:
  // An existing file is replaced by commit() if `overwrite` says so, else kept whatever happens meanwhile.
  // It gets `attributes`, but no more rights than a file that it replaces had; without them a replaced file's
  // owner and rights stay, and a new one has what umask says. Until then nobody has more.
  // Throws Error kWrite that names the file, as all functions here do, or kInterrupted where a pipe's reader
  // is waited for.
  AtomicFile(const std::filesystem::path& file, bool overwrite,
             const std::optional<FileAttributes>& attributes = {});
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  void write(std::span<const std::byte> bytes);
  void commit();

 private:
  class Replacement;
  std::unique_ptr<Replacement> replacement_;
};

// The whole file at once.
void write_file(const std::filesystem::path& file, std::span<const std::byte> bytes, bool overwrite,
                const std::optional<FileAttributes>& attributes = {});

// Whether the folders that lead to a file must be there, or will be made before it is written.
enum class Folders { kThere, kMade };

// Throws Error kWrite for a file that `write_file` could not write, as far as can be told without making it:
// asked before the work, to fail early.
void check_may_write(const std::filesystem::path& file, bool overwrite, Folders folders = Folders::kThere);

// Throws Error kWrite for a named pipe or a socket: whoever writes to one waits for a reader, which is as it
// should be where it was named itself, but not where it stands in the place of one file among several.
void refuse_pipe(const std::filesystem::path& file);

// Whether the name is one that AtomicFile gives to what is under way, or was when the machine went down.
[[nodiscard]] bool is_unfinished(const std::filesystem::path& file);

// Removes the temporary files that are under way. Async-signal-safe.
void remove_unfinished_files();

}  // namespace vaec::base
