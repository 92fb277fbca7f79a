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
#include <string_view>
#include <system_error>

#include "base/file_descriptor.hpp"
#include "base/interrupt.hpp"
#include "base/process_state.hpp"
#include "base/system_error.hpp"
#include "base/waiting.hpp"
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

fs::path folder_of(const fs::path& file) {
  const fs::path folder = file.parent_path();
  return folder.empty() ? "." : folder;
}

// What is written for `file`: where a link leads to, so that the link stays. One that leads nowhere is
// replaced.
fs::path end_of_links(const fs::path& file) {
  std::error_code error;
  if (!fs::is_symlink(file, error) || !fs::exists(file, error)) return file;
  fs::path end = fs::canonical(file, error);
  if (error) fail(file, error.value());
  return end;
}

constexpr std::string_view kMark = ".vaec-tmp-";
constexpr std::size_t kLongestNumber = 10;
constexpr std::size_t kLongestEnd = kMark.size() + kLongestNumber + 1 + kLongestNumber;

// The longest name that the file system of `folder` takes, in bytes.
std::size_t longest_name(const fs::path& folder) {
  const long longest = pathconf(folder.c_str(), _PC_NAME_MAX);
  return longest > 0 ? static_cast<std::size_t>(longest) : NAME_MAX;
}

// What is left for a name beside `folder` in a path that the system takes.
std::size_t room_in_path(const fs::path& folder) {
  const std::size_t used = folder.native().size() + 2;  // with the slash and the zero at the end
  return used < PATH_MAX ? PATH_MAX - used : 0;
}

std::size_t room_for_name(const fs::path& folder) {
  return std::min(longest_name(folder), room_in_path(folder));
}

// The first `bytes` of `name` at most, with no character of UTF-8 cut in two.
std::string shortened(const std::string& name, std::size_t bytes) {
  if (name.size() <= bytes) return name;
  const auto is_inside = [](char c) { return (static_cast<unsigned char>(c) & 0xc0U) == 0x80U; };
  while (bytes > 0 && is_inside(name[bytes])) --bytes;
  return name.substr(0, bytes);
}

// `.NAME.vaec-tmp-PID-N` beside the target, NAME shortened to what a file system takes.
fs::path temporary_name(const fs::path& file) {
  static std::atomic<unsigned> counter = 0;
  const fs::path folder = folder_of(file);
  const std::string end = std::string(kMark) + std::to_string(getpid()) + "-" + std::to_string(counter++);
  const std::size_t room = room_for_name(folder), taken = 1 + end.size();
  const std::string name = shortened(file.filename(), room > taken ? room - taken : 0);
  return file.parent_path() / std::string(".").append(name).append(end);
}

// Gives errno, or 0. Asks what the process may do in fact, and as access() does, since some containers forbid
// the former question.
int access_error(const fs::path& file, int mode) {
  if (faccessat(AT_FDCWD, file.c_str(), mode, AT_EACCESS) == 0) return 0;
  return access(file.c_str(), mode) == 0 ? 0 : errno;
}

// Whether a file may be made in `folder`: gives errno, or 0.
int folder_error(const fs::path& folder) {
  struct stat status {};
  if (stat(folder.c_str(), &status) != 0) return errno;
  if (!S_ISDIR(status.st_mode)) return ENOTDIR;
  if (status.st_nlink == 0) return ENOENT;  // removed while it is a current folder
  if (room_for_name(folder) < 1 + kLongestEnd) return ENAMETOOLONG;
  return access_error(folder, W_OK | X_OK);
}

// Whether `file`, which is there, may be replaced in its folder: gives errno, or 0.
int replacing_error(const fs::path& file) {
  // Its own permissions do not count. What nobody may change (chattr +i) is told by EPERM.
  if (const int error = access_error(file, W_OK); error == EPERM || error == EROFS) return error;
  struct stat status {
  }, folder{};
  if (lstat(file.c_str(), &status) != 0 || stat(folder_of(file).c_str(), &folder) != 0) return errno;
  const uid_t user = geteuid();
  const bool is_ours = user == 0 || status.st_uid == user || folder.st_uid == user;
  return (folder.st_mode & S_ISVTX) != 0 && !is_ours ? EPERM : 0;  // another one's file in /tmp
}

// Whether `file`, which is not there, may be made once the missing folders that lead to it are: errno, or 0.
int making_error(const fs::path& file, Folders folders) {
  fs::path folder = folder_of(file);
  std::size_t longest = file.filename().native().size();
  struct stat status {};
  while (folders == Folders::kMade && lstat(folder.c_str(), &status) != 0 && errno == ENOENT &&
         folder != ".") {
    longest = std::max(longest, folder.filename().native().size());
    folder = folder_of(folder);
  }
  if (const int error = folder_error(folder); error != 0) return error;
  if (longest > longest_name(folder)) return ENAMETOOLONG;
  return room_in_path(folder_of(file)) < 1 + kLongestEnd ? ENAMETOOLONG : 0;  // once all of them are made
}

// Renames to a name that it takes first, empty: whoever looks meanwhile finds an empty file. Gives errno, or 0.
int rename_to_reserved(const fs::path& from, const fs::path& to) {
  const FileDescriptor reserved(open(to.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (reserved.get() < 0) return errno;
  if (rename(from.c_str(), to.c_str()) == 0) return 0;
  const int error = errno;
  unlink(to.c_str());
  return error;
}

// Renames unless `to` exists, without a moment in between where the file system allows it. Gives errno, or 0.
int rename_without_replacing(const fs::path& from, const fs::path& to) {
  if (renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return 0;
  if (errno != EINVAL && errno != ENOSYS) return errno;
  // A file system without that flag: a hard link never replaces either.
  if (link(from.c_str(), to.c_str()) == 0) return unlink(from.c_str()) == 0 ? 0 : errno;
  const bool has_no_links = errno == EPERM || errno == EOPNOTSUPP || errno == ENOSYS;
  return has_no_links ? rename_to_reserved(from, to) : errno;
}

}  // namespace

class AtomicFile::Replacement {
 public:
  Replacement(const fs::path& file, bool overwrite, const std::optional<FileAttributes>& attributes)
      : file_(file), overwrite_(overwrite), special_(is_special(file)), attributes_(attributes) {
    if (special_) {
      path_ = file;
      descriptor_.emplace(open_to_write(path_));
    } else {
      check_may_write(file, overwrite);
      target_ = end_of_links(file);
      make_temporary();
    }
    if (descriptor_->get() < 0) {
      const int error = errno;
      forget();
      check(error);
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
    if (const auto attributes = final_attributes()) set_attributes(descriptor_->get(), *attributes);
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
  // Another name where there is a file that was left behind, by a process of the same number in a container, say.
  void make_temporary() {
    // Nobody may read what is under way if he may not in the end.
    const mode_t mode = final_attributes() ? 0600 : 0666;
    constexpr int kTries = 1000;
    for (int i = 0; i < kTries; ++i) {
      forget();
      path_ = temporary_name(target_);
      entry_ = &take_unfinished(path_);
      descriptor_.emplace(open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
      if (descriptor_->get() >= 0 || errno != EEXIST) return;
    }
  }
  // Those of the file it is made of; none: as umask says. A file that is replaced gives no more rights than
  // before.
  [[nodiscard]] std::optional<FileAttributes> final_attributes() const {
    if (special_) return {};
    std::optional<FileAttributes> replaced = overwrite_ ? attributes_of(target_) : std::nullopt;
    if (!replaced) return attributes_;
    replaced->modified.reset();
    return no_wider_than(*replaced, attributes_.value_or(*replaced));
  }
  void check(int error) const {
    if (error == EINTR) throw_if_interrupted();
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
  std::optional<FileAttributes> attributes_;  // of the file that it is made of
  UnfinishedFile* entry_ = nullptr;           // none for what is special
  std::optional<FileDescriptor> descriptor_;
};

AtomicFile::AtomicFile(const fs::path& file, bool overwrite, const std::optional<FileAttributes>& attributes)
    : replacement_(std::make_unique<Replacement>(file, overwrite, attributes)) {}
AtomicFile::~AtomicFile() = default;
void AtomicFile::write(std::span<const std::byte> bytes) { replacement_->write(bytes); }
void AtomicFile::commit() { replacement_->commit(); }

void write_file(const fs::path& file, std::span<const std::byte> bytes, bool overwrite,
                const std::optional<FileAttributes>& attributes) {
  AtomicFile whole(file, overwrite, attributes);
  whole.write(bytes);
  whole.commit();
}

void check_may_write(const fs::path& file, bool overwrite, Folders folders) {
  const auto check = [&](int error) {
    if (error != 0) fail(file, error);
  };
  if (is_special(file)) return check(access_error(file, W_OK));
  if (file.empty()) fail(file, ENOENT);
  struct stat status {};
  const bool is_there = lstat(file.c_str(), &status) == 0;
  if (!is_there && errno != ENOENT) fail(file, errno);
  std::error_code ignored;
  if (!file.has_filename() || fs::is_directory(file, ignored)) fail(file, EISDIR);
  if (!is_there) return check(making_error(file, folders));
  if (!overwrite) refuse(file);
  const fs::path target = end_of_links(file);
  check(folder_error(folder_of(target)));
  check(replacing_error(target));
}

void refuse_pipe(const fs::path& file) {
  std::error_code ignored;
  const fs::file_status status = fs::status(file, ignored);
  if (!fs::is_fifo(status) && !fs::is_socket(status)) return;
  throw Error(ErrorCode::kWrite, file.string() + ": cannot be written: is " +
                                     (fs::is_fifo(status) ? "a named pipe" : "a socket") + ", not a file");
}

bool is_unfinished(const fs::path& file) {
  const std::string name = file.filename().native();
  return name.starts_with('.') && name.find(kMark) != std::string::npos;
}

void remove_unfinished_files() {
  for (const UnfinishedFile& entry : process_state().unfinished) {
    if (entry.named) unlink(entry.path);
  }
}

}  // namespace vaec::base
