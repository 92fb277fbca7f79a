// Which files a batch works on, and what each becomes.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "cli/left_out.hpp"
#include "vaec/error.hpp"

namespace vaec::cli {

struct Job {
  std::filesystem::path input;              // "-": standard input
  std::filesystem::path output;             // "-": standard output
  std::string problem;                      // not empty: it cannot be worked on, and why
  ErrorCode code = ErrorCode::kUnreadable;  // of the problem
  std::size_t mirrored = 0;                 // so many folders above the output mirror those above the input
};

struct Plan {
  std::vector<Job> jobs;       // those of one folder in sorted order
  bool is_single = false;      // one file, named on the command line: its own exit status counts
  bool makes_folders = false;  // outputs stand in a tree that mirrors the inputs'
  mode_t top_rights = 0777;    // of the tree's topmost folder, if it is made
  LeftOut left_out;
};

// What a subcommand takes from a folder, and how it calls the result.
struct Naming {
  std::string wanted;  // "pictures"
  std::function<Sight(const std::filesystem::path&)> look;
  // File names; folders stay. `rename_whole` keeps all of the name, for those whose results would meet.
  std::function<std::filesystem::path(const std::filesystem::path&)> rename, rename_whole;
  // Whether a result can be called so.
  std::function<bool(const std::filesystem::path&)> is_result;
};

// Why a file cannot be worked on beside others, or nothing: whoever reads a named pipe waits for its writer,
// and a device may have no end.
[[nodiscard]] std::string problem_among_others(const std::filesystem::path& file);

// `output`: empty (beside each input), "-", a file (for a single input) or a folder.
// Several inputs, and what is in folders, must be regular files; a single one may be anything. Results whose names
// would be the same though the inputs' are not keep the whole names. Where two still meet, all but the first have a
// problem, and so has a result in the place of another input.
// Throws Error: kUsage (a folder without `recursive`, a single output that is the input, standard input beside
// others, an output named as an input, a folder to be made that is called as a file), kUnreadable (nothing found in
// the folders).
[[nodiscard]] Plan plan_batch(const std::vector<std::string>& inputs, const std::string& output,
                              bool recursive, const Naming& naming);

}  // namespace vaec::cli
