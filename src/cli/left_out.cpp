#include "cli/left_out.hpp"

namespace vaec::cli {

void LeftOut::Some::add(const std::filesystem::path& path) {
  constexpr std::size_t kNamed = 3;
  if (count < kNamed) names += (names.empty() ? "" : ", ") + path.string();
  if (count == kNamed) names += ", ...";
  ++count;
}

std::vector<std::string> LeftOut::sentences(const std::string& wanted) const {
  std::vector<std::string> all;
  const auto say = [&](const Some& some, const std::string& what) {
    if (some.count > 0) all.push_back(std::to_string(some.count) + " " + what + ": " + some.names);
  };
  say(others_, "file(s) left out that are no " + wanted);
  say(unreadable_, "file(s) left out that cannot be read");
  say(linked_folders_, "link(s) to folders left out");
  return all;
}

}  // namespace vaec::cli
