// Files that other programs read and write in a temporary folder.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <vector>

namespace vaec::eval {

// Both throw Error kWrite that names the file; load() also for an empty one, and for what is no regular file.
[[nodiscard]] std::vector<std::byte> load(const std::filesystem::path& file);
void save(const std::filesystem::path& file, std::span<const std::byte> bytes);

}  // namespace vaec::eval
