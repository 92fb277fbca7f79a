// The folders in which outputs stand.
#pragma once

#include <sys/types.h>

#include <filesystem>

#include "cli/batch_plan.hpp"

namespace vaec::cli {

// What a folder that mirrors this one gets: its rights, and the owner's to write.
[[nodiscard]] mode_t rights_of_folder(const std::filesystem::path& folder);

// Makes those that are missing. One that mirrors an input's folder has its rights, the topmost `top_rights`; those
// above are as umask says. Throws Error kWrite.
void make_output_folders(const Job& job, mode_t top_rights);

// Makes a folder, and those that lead to it, unless they are there. Throws Error kWrite.
void make_folder(const std::filesystem::path& folder);

}  // namespace vaec::cli
