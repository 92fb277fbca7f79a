#include "cli/output_folders.hpp"

#include <sys/stat.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "base/system_error.hpp"
#include "vaec/error.hpp"

namespace vaec::cli {
namespace {

namespace fs = std::filesystem;

constexpr mode_t kAll = S_IRWXU | S_IRWXG | S_IRWXO;

}  // namespace

mode_t rights_of_folder(const fs::path& folder) {
  struct stat status = {};
  return stat(folder.c_str(), &status) == 0 ? (status.st_mode & kAll) | S_IRWXU : kAll;
}

void make_output_folders(const Job& job, mode_t top_rights) {
  std::vector<std::pair<fs::path, mode_t>> missing;  // from the innermost outwards
  fs::path folder = job.output.parent_path(), source = job.input.parent_path();
  std::error_code ignored;
  for (std::size_t level = 0; !folder.empty() && !fs::is_directory(folder, ignored); ++level) {
    missing.emplace_back(folder, level < job.mirrored    ? rights_of_folder(source)
                                 : level == job.mirrored ? top_rights
                                                         : kAll);
    folder = folder.parent_path();
    source = source.parent_path();
  }
  for (; !missing.empty(); missing.pop_back()) {
    const auto& [path, rights] = missing.back();
    if (mkdir(path.c_str(), rights) == 0 || errno == EEXIST) continue;  // another thread's, at the same time
    throw Error(ErrorCode::kWrite, path.string() + ": cannot be made: " + base::error_text(errno));
  }
}

void make_folder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) throw Error(ErrorCode::kWrite, folder.string() + ": cannot be made: " + error.message());
}

}  // namespace vaec::cli
