// Which files of a folder are pictures.
#pragma once

#include <filesystem>

namespace vaec::cli {

[[nodiscard]] bool has_image_extension(const std::filesystem::path& file);

}  // namespace vaec::cli
