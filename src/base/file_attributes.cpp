#include "base/file_attributes.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <array>

namespace vaec::base {
namespace {

// Not the bits that give a program its owner's or group's rights: an output is no program.
constexpr mode_t kRights = S_IRWXU | S_IRWXG | S_IRWXO;

std::optional<FileAttributes> attributes_of(const struct stat& status) {
  if (!S_ISREG(status.st_mode)) return {};
  return FileAttributes{status.st_mode & kRights, status.st_uid, status.st_gid, status.st_mtim};
}

// For a file of another group: who was in the one group may now be among the others, and the other way round, so
// both get only what both had.
mode_t for_another_group(mode_t mode) {
  const mode_t common = (mode >> 3U) & mode & S_IRWXO;
  return (mode & S_IRWXU) | common << 3U | common;
}

bool set_group(int descriptor, gid_t group) {
  struct stat status = {};
  if (fstat(descriptor, &status) == 0 && status.st_gid == group) return true;
  return fchown(descriptor, static_cast<uid_t>(-1), group) == 0;
}

}  // namespace

std::optional<FileAttributes> attributes_of(int descriptor) {
  struct stat status = {};
  return fstat(descriptor, &status) == 0 ? attributes_of(status) : std::nullopt;
}

std::optional<FileAttributes> attributes_of(const std::filesystem::path& file) {
  struct stat status = {};
  return stat(file.c_str(), &status) == 0 ? attributes_of(status) : std::nullopt;
}

FileAttributes no_wider_than(const FileAttributes& replaced, FileAttributes wanted) {
  wanted.mode &= replaced.mode;
  if (wanted.group != replaced.group) wanted.mode = for_another_group(wanted.mode);
  return wanted;
}

void set_attributes(int descriptor, const FileAttributes& attributes) {
  // The group before the rights that it gets; the owner last: then the file may no longer be ours to change.
  const bool has_group = set_group(descriptor, attributes.group);
  [[maybe_unused]] int ignored =
      fchmod(descriptor, has_group ? attributes.mode : for_another_group(attributes.mode));
  if (attributes.modified) {
    const std::array<timespec, 2> times = {timespec{0, UTIME_OMIT}, *attributes.modified};
    ignored = futimens(descriptor, times.data());
  }
  ignored = fchown(descriptor, attributes.owner, static_cast<gid_t>(-1));
}

}  // namespace vaec::base
