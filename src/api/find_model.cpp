#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <optional>
#include <string_view>
#include <system_error>

#include "base/this_code.hpp"
#include "model/model_file.hpp"
#include "model/safetensors.hpp"
#include "vaec/error.hpp"
#include "vaec/models.hpp"

namespace vaec {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kExtension = ".safetensors";
constexpr int kParents = 3;  // a build tree's program stands at <repository>/build/<preset>/vaec

// The folders that hold models, the first to be searched first.
std::vector<fs::path> model_folders() {
  std::vector<fs::path> folders;
  if (const char* variable = std::getenv("VAEC_MODEL_PATH")) {
    std::string_view rest = variable;
    while (!rest.empty()) {
      const auto colon = std::min(rest.find(':'), rest.size());
      if (colon > 0) folders.emplace_back(rest.substr(0, colon));
      rest.remove_prefix(std::min(colon + 1, rest.size()));
    }
  }
  std::error_code ignored;
  const auto program = fs::read_symlink("/proc/self/exe", ignored).parent_path();
  const auto here = base::folder_of_this_code();
  if (program != here && !program.empty()) folders.push_back(program / "models");
  if (!here.empty()) {
    auto folder = here;
    for (int up = 0; up <= kParents; ++up, folder = folder.parent_path()) {
      if (up == 0 || fs::is_directory(folder / "models", ignored)) folders.push_back(folder / "models");
      if (folder == folder.root_path()) break;
    }
    folders.push_back(here.parent_path() / "share/vaec/models");                // PREFIX/bin, PREFIX/lib
    const auto above = here.parent_path().parent_path() / "share/vaec/models";  // PREFIX/lib/x86_64-linux-gnu
    if (fs::is_directory(above, ignored)) folders.push_back(above);
  }
  for (const char* installed : {"/usr/local/share/vaec/models", "/usr/share/vaec/models"}) {
    if (std::find(folders.begin(), folders.end(), fs::path(installed)) == folders.end()) {
      folders.emplace_back(installed);
    }
  }
  return folders;
}

std::vector<fs::path> models_in(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    std::error_code ignored;
    if (entry->path().extension() == kExtension && entry->is_regular_file(ignored))
      files.push_back(entry->path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

// N of "photo-N" for the name "photo".
std::optional<std::uint32_t> version_of(std::string_view stem, std::string_view name) {
  if (stem.size() < name.size() + 2 || !stem.starts_with(name) || stem[name.size()] != '-')
    return std::nullopt;
  const auto digits = stem.substr(name.size() + 1);
  std::uint32_t version = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), version);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return version;
}

std::optional<fs::path> named_model(const fs::path& folder, const std::string& name) {
  std::error_code ignored;
  auto exact = folder / (name + std::string(kExtension));
  if (fs::is_regular_file(exact, ignored)) return exact;
  std::optional<std::uint32_t> newest;
  std::optional<fs::path> found;
  for (const auto& file : models_in(folder)) {
    const auto version = version_of(file.stem().string(), name);
    if (version && (!newest || *version > *newest)) newest = version, found = file;
  }
  return found;
}

std::string searched(const std::vector<fs::path>& folders) {
  std::string text;
  for (const auto& folder : folders) text += (text.empty() ? "" : ", ") + folder.string();
  return text + " (add a folder with VAEC_MODEL_PATH, or name the file with -m)";
}

}  // namespace

std::filesystem::path find_model(const std::string& name) {
  std::error_code ignored;
  const bool is_file = fs::is_regular_file(name, ignored);
  // A bare name is never a file's: one that is called so in the current folder has nothing to do with it.
  if (name.empty() || name.find('/') != std::string::npos || name.ends_with(kExtension)) {
    if (is_file) return name;
    throw Error(ErrorCode::kModel, name + ": no such model file");
  }
  const auto folders = model_folders();
  for (const auto& folder : folders) {
    if (auto found = named_model(folder, name)) return *found;
  }
  throw Error(ErrorCode::kModel, "no model '" + name + "' in " + searched(folders) +
                                     (is_file ? "; the file of that name is ./" + name : ""));
}

std::filesystem::path find_model(const ModelId& id) {
  // A small-image file stores 4 bytes of the id and the others read as zero.
  const bool is_short = std::all_of(id.begin() + 4, id.end(), [](std::uint8_t byte) { return byte == 0; });
  const auto length = is_short ? 4 : id.size();
  const auto folders = model_folders();
  for (const auto& folder : folders) {
    for (const auto& file : models_in(folder)) {
      try {
        const auto tensors = model::SafeTensors::open(file);
        static_cast<void>(model::architecture(tensors));
        const auto candidate = model::model_id(tensors);
        if (std::equal(id.begin(), id.begin() + length, candidate.begin())) return file;
      } catch (const Error&) {
        continue;  // a damaged or foreign file among the models is no reason to miss the right one
      }
    }
  }
  throw Error(ErrorCode::kModel, "the file needs the model " + to_hex(id).substr(0, 2 * length) +
                                     ", which is not in " + searched(folders));
}

}  // namespace vaec
