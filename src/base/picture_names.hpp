// Files that are taken for pictures, by their names.
#pragma once

#include <filesystem>
#include <string>

namespace vaec::base {

// ASCII letters alone.
[[nodiscard]] std::string lower_case(std::string text);

// Whether the extension, in upper or lower case, is that of a picture format, be it one that vaec reads or not.
[[nodiscard]] bool has_picture_extension(const std::filesystem::path& file);

}  // namespace vaec::base
