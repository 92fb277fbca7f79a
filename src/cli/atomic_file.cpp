#include "cli/atomic_file.hpp"

#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <climits>
#include <cstring>
#include <string>
#include <system_error>
#include <utility>

#include "cli/streams.hpp"
#include "vaec/error.hpp"

namespace vaec::cli {
namespace {

namespace fs = std::filesystem;

// For the signal handler: the temporary files under way, one a thread that writes.
struct Unfinished {
  std::atomic<bool> taken = false;  // by a TemporaryFile
  std::atomic<bool> named = false;  // `path` is whole
  char path[PATH_MAX];
};
constexpr std::size_t kMostWriters = 1024;  // as many as there may be threads (-j)
Unfinished unfinished[kMostWriters];

Unfinished& take_unfinished(const std::filesystem::path& path) {
  for (Unfinished& entry : unfinished) {
    if (entry.taken.exchange(true)) continue;
    std::strncpy(entry.path, path.c_str(), PATH_MAX - 1);
    entry.named = true;
    return entry;
  }
  throw Error(ErrorCode::kInternal, "more files are written at once than there are threads");
}

[[noreturn]] void fail(const fs::path& file, int error) {
  std::string reason = std::generic_category().message(error);
  const fs::path folder = file.parent_path();
  if (error == ENOENT && !folder.empty()) reason = "there is no folder " + folder.string();
  throw Error(ErrorCode::kWrite, file.string() + ": cannot be written: " + reason);
}

[[noreturn]] void refuse(const fs::path& file) {
  throw Error(ErrorCode::kWrite, file.string() + ": exists already (use -f to overwrite it)");
}

// Something that is written to, not replaced: a device, a pipe, a socket.
bool is_special(const fs::path& file) {
  struct stat status {};
  return stat(file.c_str(), &status) == 0 && !S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode);
}

void write_special(const fs::path& file, std::span<const std::byte> bytes) {
  const int descriptor = open(file.c_str(), O_WRONLY | O_CLOEXEC);
  if (descriptor < 0) fail(file, errno);
  int error = write_all(descriptor, bytes);
  if (close(descriptor) != 0 && error == 0) error = errno;
  if (error != 0) fail(file, error);
}

// `.NAME.vaec-tmp-PID-N` beside the target, NAME shortened to what a file system takes.
fs::path temporary_name(const fs::path& file) {
  static std::atomic<unsigned> counter = 0;
  constexpr std::size_t kLongestName = 200;
  const std::string name = file.filename().string().substr(0, kLongestName);
  return file.parent_path() /
         ("." + name + ".vaec-tmp-" + std::to_string(getpid()) + "-" + std::to_string(counter++));
}

// Renames unless `to` exists, without a moment in between. Gives errno, or 0.
int rename_without_replacing(const fs::path& from, const fs::path& to) {
  if (renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return 0;
  if (errno != EINVAL && errno != ENOSYS) return errno;
  // A file system without that flag: a hard link never replaces either.
  if (link(from.c_str(), to.c_str()) == 0) return unlink(from.c_str()) == 0 ? 0 : errno;
  return errno;
}

// The temporary file; removed unless it was renamed.
class TemporaryFile {
 public:
  explicit TemporaryFile(const fs::path& target)
      : path_(temporary_name(target)), entry_(take_unfinished(path_)) {
    descriptor_ = open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (descriptor_ < 0) {
      const int error = errno;
      forget();
      fail(target, error);
    }
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  ~TemporaryFile() {
    if (descriptor_ >= 0) close(descriptor_);
    if (!renamed_) unlink(path_.c_str());
    forget();
  }

  // Each gives errno, or 0.
  int fill(std::span<const std::byte> bytes) {
    if (const int error = write_all(descriptor_, bytes); error != 0) return error;
    if (fsync(descriptor_) != 0 && errno != EINVAL) return errno;
    return close(std::exchange(descriptor_, -1)) == 0 ? 0 : errno;
  }
  int rename_to(const fs::path& target, bool overwrite) {
    const int error = overwrite ? (rename(path_.c_str(), target.c_str()) == 0 ? 0 : errno)
                                : rename_without_replacing(path_, target);
    renamed_ = error == 0;
    return error;
  }

 private:
  void forget() {
    entry_.named = false;
    entry_.taken = false;
  }

  fs::path path_;
  Unfinished& entry_;
  int descriptor_ = -1;
  bool renamed_ = false;
};

}  // namespace

void write_file(const fs::path& file, std::span<const std::byte> bytes, bool overwrite) {
  if (is_special(file)) return write_special(file, bytes);
  check_may_write(file, overwrite);
  // A link is written through, not replaced by a file.
  const fs::path target = fs::is_symlink(file) && fs::exists(file) ? fs::canonical(file) : file;
  TemporaryFile temporary(target);
  if (const int error = temporary.fill(bytes); error != 0) fail(file, error);
  const int error = temporary.rename_to(target, overwrite);
  if (error == EEXIST) refuse(file);
  if (error != 0) fail(file, error);
}

void check_may_write(const fs::path& file, bool overwrite) {
  std::error_code ignored;
  const fs::file_status status = fs::symlink_status(file, ignored);
  if (!fs::exists(status) || is_special(file)) return;
  if (fs::is_directory(file, ignored)) fail(file, EISDIR);
  if (!overwrite) refuse(file);
}

void remove_unfinished_files() {
  for (const Unfinished& entry : unfinished) {
    if (entry.named) unlink(entry.path);
  }
}

}  // namespace vaec::cli
