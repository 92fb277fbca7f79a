// A folder of one's own for the files of other programs.
#pragma once

#include <filesystem>

namespace vaec::eval {

// Made empty, readable by this user only, below the system's folder for temporary files; removed with all
// that is in it at the end. Throws Error kWrite.
class TemporaryFolder {
 public:
  TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder();

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace vaec::eval
