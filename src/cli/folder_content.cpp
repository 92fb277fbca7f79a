#include "cli/folder_content.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/atomic_file.hpp"
#include "base/file_descriptor.hpp"
#include "base/picture_names.hpp"
#include "image/signature.hpp"

namespace vaec::cli {
namespace {

namespace fs = std::filesystem;
using Bytes = std::vector<std::byte>;

// The first bytes; none of what is no regular file; nothing if it cannot be read.
std::optional<Bytes> beginning_of(const fs::path& file) {
  struct stat status = {};
  if (stat(file.c_str(), &status) != 0) return {};
  if (!S_ISREG(status.st_mode)) return Bytes();
  // Not waiting: it may be a pipe by now.
  const base::FileDescriptor descriptor(open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  Bytes bytes(image::kSignatureBytes);
  const ssize_t count = descriptor.get() < 0 ? -1 : pread(descriptor.get(), bytes.data(), bytes.size(), 0);
  if (count < 0) return {};
  bytes.resize(static_cast<std::size_t>(count));
  return bytes;
}

bool begins_with(const Bytes& bytes, std::string_view text) {
  const auto wanted = std::as_bytes(std::span(text));
  return bytes.size() >= wanted.size() && std::equal(wanted.begin(), wanted.end(), bytes.begin());
}

bool begins_as_vaec(const Bytes& bytes) { return begins_with(bytes, "VAEC"); }

// macOS keeps what other file systems have no place for in a second file, `._photo.jpg` beside photo.jpg.
bool may_be_apple_double(const fs::path& file) { return file.filename().native().starts_with("._"); }
bool is_apple_double(const Bytes& bytes) { return begins_with(bytes, std::string_view("\0\5\26\7", 4)); }

}  // namespace

bool has_vaec_extension(const fs::path& file) {
  return base::lower_case(file.extension().string()) == ".vaec";
}

Sight look_for_picture(const fs::path& file) {
  if (base::is_unfinished(file)) return Sight::kBeside;
  const bool is_named = base::has_picture_extension(file);
  if (is_named && !may_be_apple_double(file)) return Sight::kTaken;
  const auto bytes = beginning_of(file);
  if (!bytes) return is_named ? Sight::kTaken : Sight::kUnreadable;
  if (is_apple_double(*bytes)) return Sight::kOther;
  if (is_named || image::is_picture(*bytes)) return Sight::kTaken;
  return begins_as_vaec(*bytes) || has_vaec_extension(file) ? Sight::kBeside : Sight::kOther;
}

Sight look_for_vaec(const fs::path& file) {
  if (base::is_unfinished(file)) return Sight::kBeside;
  const bool is_named = has_vaec_extension(file);
  if (is_named && !may_be_apple_double(file)) return Sight::kTaken;
  const bool is_picture_name = base::has_picture_extension(file);
  const auto bytes = beginning_of(file);
  if (!bytes) return is_named ? Sight::kTaken : is_picture_name ? Sight::kBeside : Sight::kUnreadable;
  if (is_apple_double(*bytes)) return Sight::kOther;
  if (is_named || begins_as_vaec(*bytes)) return Sight::kTaken;
  return is_picture_name || image::is_picture(*bytes) ? Sight::kBeside : Sight::kOther;
}

}  // namespace vaec::cli
