// A whole file, mapped read-only into memory.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>

#include "vaec/error.hpp"

namespace vaec::base {

struct MappedFile {
  std::shared_ptr<const void> storage;  // keeps the mapping; null for an empty file
  std::span<const std::byte> bytes;
};

// Throws Error of `code` if `file` is missing, no regular file or cannot be mapped.
[[nodiscard]] MappedFile map_file(const std::filesystem::path& file, ErrorCode code);

}  // namespace vaec::base
