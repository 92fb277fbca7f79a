// Permissions, owner and date: what an output takes over from the file that it is made of.
#pragma once

#include <sys/types.h>

#include <ctime>
#include <filesystem>
#include <optional>

namespace vaec::base {

struct FileAttributes {
  mode_t mode = 0;  // the rights of owner, group and others alone
  uid_t owner = 0;
  gid_t group = 0;
  std::optional<timespec> modified;  // none: the time at which the file is written
};

// Of an open file, or of the one that a path leads to; nothing for what is no regular file.
[[nodiscard]] std::optional<FileAttributes> attributes_of(int descriptor);
[[nodiscard]] std::optional<FileAttributes> attributes_of(const std::filesystem::path& file);

// `wanted`, with no more rights than the file that is replaced gave.
[[nodiscard]] FileAttributes no_wider_than(const FileAttributes& replaced, FileAttributes wanted);

// As far as the user may and the file system can: what cannot be had is left as it is, and nobody gets rights
// that the attributes do not give.
void set_attributes(int descriptor, const FileAttributes& attributes);

}  // namespace vaec::base
