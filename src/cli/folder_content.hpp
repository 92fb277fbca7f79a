// What a file in a folder is to compress and decompress, by its content, and by its name where that is no help: a
// picture that is damaged is to be told, not left out.
#pragma once

#include <filesystem>

#include "cli/left_out.hpp"

namespace vaec::cli {

[[nodiscard]] bool has_vaec_extension(const std::filesystem::path& file);

// Nothing but regular files is opened.
[[nodiscard]] Sight look_for_picture(const std::filesystem::path& file);
[[nodiscard]] Sight look_for_vaec(const std::filesystem::path& file);

}  // namespace vaec::cli
