// The files that a command reads, which none of its outputs may take the place of, whatever -f says.
#pragma once

#include <filesystem>
#include <set>

namespace vaec::base {

// Paths that lead to the same file are equal.
[[nodiscard]] std::filesystem::path identity(const std::filesystem::path& path);

class InputFiles {
 public:
  void add(const std::filesystem::path& file) { known_.insert(identity(file)); }

  // Throws Error kUsage for an output that is one of them.
  void refuse_as_output(const std::filesystem::path& file) const;

 private:
  std::set<std::filesystem::path> known_;  // their identities
};

}  // namespace vaec::base
