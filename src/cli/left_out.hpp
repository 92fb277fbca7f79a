// What of a folder a command does not work on: told, so that nobody misses a picture later.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace vaec::cli {

// What a file in a folder is to a command.
enum class Sight {
  kTaken,
  kBeside,  // of the other kind, which lies beside what is worked on: not worth a word
  kOther,
  kUnreadable,
};

class LeftOut {
 public:
  void add_other(const std::filesystem::path& file) { others_.add(file); }
  void add_unreadable(const std::filesystem::path& file) { unreadable_.add(file); }
  void add_linked_folder(const std::filesystem::path& folder) { linked_folders_.add(folder); }

  // A sentence a reason. `wanted`: what is worked on, "pictures".
  [[nodiscard]] std::vector<std::string> sentences(const std::string& wanted) const;

 private:
  struct Some {
    std::size_t count = 0;
    std::string names;  // of the first
    void add(const std::filesystem::path& path);
  };
  Some others_, unreadable_, linked_folders_;
};

}  // namespace vaec::cli
