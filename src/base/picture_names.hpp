// Files that are taken for pictures, by their names.
#pragma once

#include <filesystem>
#include <string>

namespace vaec::base {

// ASCII letters alone.
[[nodiscard]] std::string lower_case(std::string text);

// Whether the extension is that of a picture format, in upper or lower case.
[[nodiscard]] bool has_picture_extension(const std::filesystem::path& file);

}  // namespace vaec::base
