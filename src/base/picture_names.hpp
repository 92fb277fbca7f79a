// Files that are taken for pictures, by their names.
#pragma once

#include <filesystem>
#include <string>

namespace vaec::base {

// ASCII letters alone.
[[nodiscard]] std::string lower_case(std::string text);

// Whether the extension is that of a picture format which vaec reads wherever it is built.
[[nodiscard]] bool has_readable_extension(const std::filesystem::path& file);

// Or that of another one's pictures. Both in upper or lower case.
[[nodiscard]] bool has_picture_extension(const std::filesystem::path& file);

}  // namespace vaec::base
