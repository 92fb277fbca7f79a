#include "base/atomic_file.hpp"

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
#include <optional>
#include <string>
#include <system_error>

#include "base/file_descriptor.hpp"
#include "base/process_state.hpp"
#include "base/system_error.hpp"
#include "vaec/error.hpp"

namespace vaec::base {
namespace {

namespace fs = std::filesystem;

UnfinishedFile& take_unfinished(const std::filesystem::path& path) {
  for (UnfinishedFile& entry : process_state().unfinished) {
    if (entry.taken.exchange(true)) continue;
    std::strncpy(entry.path, path.c_str(), PATH_MAX - 1);
    entry.named = true;
    return entry;
  }
  throw Error(ErrorCode::kInternal, "more files are written at once than there are threads");
}

[[noreturn]] void fail(const fs::path& file, int error) {
  std::string reason = error_text(error);
  const fs::path folder = file.parent_path();
  if (error == ENOENT && !folder.empty()) reason = "there is no folder " + folder.string();
  throw Error(ErrorCode::kWrite, file.string() + ": cannot be written: " + reason);
}

[[noreturn]] void refuse(const fs::path& file) {
  throw Error(ErrorCode::kWrite, file.string() + ": exists already (use -f to overwrite it)");
}

// Something that is written to, not replaced: a device, a pipe, a socket.
bool is_special(const fs::path& file) {
  struct stat status = {};
  return stat(file.c_str(), &status) == 0 && !S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode);
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

}  // namespace

class AtomicFile::Replacement {
 public:
  Replacement(const fs::path& file, bool overwrite)
      : file_(file), overwrite_(overwrite), special_(is_special(file)) {
    if (!special_) check_may_write(file, overwrite);
    std::error_code ignored;
    target_ = fs::is_symlink(file, ignored) && fs::exists(file, ignored) ? fs::canonical(file) : file;
    if (special_) {
      path_ = file;
    } else {
      path_ = temporary_name(target_);
      entry_ = &take_unfinished(path_);
    }
    descriptor_.emplace(special_ ? open(path_.c_str(), O_WRONLY | O_CLOEXEC)
                                 : open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
    if (descriptor_->get() < 0) {
      const int error = errno;
      forget();
      fail(file_, error);
    }
  }
  Replacement(const Replacement&) = delete;
  Replacement& operator=(const Replacement&) = delete;
  ~Replacement() {
    if (entry_ != nullptr && !renamed_) unlink(path_.c_str());
    forget();
  }

  void write(std::span<const std::byte> bytes) { check(write_all(descriptor_->get(), bytes)); }

  void commit() {
    if (!special_ && fsync(descriptor_->get()) != 0 && errno != EINVAL) fail(file_, errno);
    check(descriptor_->close());
    if (special_) return;
    const int error = overwrite_ ? (rename(path_.c_str(), target_.c_str()) == 0 ? 0 : errno)
                                 : rename_without_replacing(path_, target_);
    if (error == EEXIST) refuse(file_);
    check(error);
    renamed_ = true;
  }

 private:
  void check(int error) const {
    if (error != 0) fail(file_, error);
  }
  void forget() {
    if (entry_ == nullptr) return;
    entry_->named = false;
    entry_->taken = false;
    entry_ = nullptr;
  }

  fs::path file_, target_, path_;  // as named; a link's end; what is written to
  bool overwrite_, special_, renamed_ = false;
  UnfinishedFile* entry_ = nullptr;  // none for what is special
  std::optional<FileDescriptor> descriptor_;
};

AtomicFile::AtomicFile(const fs::path& file, bool overwrite)
    : replacement_(std::make_unique<Replacement>(file, overwrite)) {}
AtomicFile::~AtomicFile() = default;
void AtomicFile::write(std::span<const std::byte> bytes) { replacement_->write(bytes); }
void AtomicFile::commit() { replacement_->commit(); }

void write_file(const fs::path& file, std::span<const std::byte> bytes, bool overwrite) {
  AtomicFile whole(file, overwrite);
  whole.write(bytes);
  whole.commit();
}

void check_may_write(const fs::path& file, bool overwrite) {
  std::error_code ignored;
  const fs::file_status status = fs::symlink_status(file, ignored);
  if (!fs::exists(status) || is_special(file)) return;
  if (fs::is_directory(file, ignored)) fail(file, EISDIR);
  if (!overwrite) refuse(file);
}

void remove_unfinished_files() {
  for (const UnfinishedFile& entry : process_state().unfinished) {
    if (entry.named) unlink(entry.path);
  }
}

}  // namespace vaec::base
