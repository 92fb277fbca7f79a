#include "eval/temporary_folder.hpp"

#include <stdlib.h>

#include <cerrno>
#include <string>
#include <system_error>

#include "base/system_error.hpp"
#include "vaec/error.hpp"

namespace vaec::eval {

TemporaryFolder::TemporaryFolder() {
  std::error_code error;
  std::string name = (std::filesystem::temp_directory_path(error) / "vaec-XXXXXX").string();
  if (error || mkdtemp(name.data()) == nullptr) {
    throw Error(ErrorCode::kWrite, "a temporary folder cannot be made: " +
                                       (error ? error.message() : base::error_text(errno)) + " (see TMPDIR)");
  }
  path_ = name;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace vaec::eval
