#include "base/input_files.hpp"

#include <system_error>

#include "vaec/error.hpp"

namespace vaec::base {

namespace fs = std::filesystem;

fs::path identity(const fs::path& path) {
  std::error_code error;
  const fs::path known = fs::weakly_canonical(path, error);
  return error ? path : known;
}

void InputFiles::refuse_as_output(const fs::path& file) const {
  if (!known_.contains(identity(file))) return;
  throw Error(ErrorCode::kUsage, file.string() + ": is an input and would be an output as well");
}

}  // namespace vaec::base
