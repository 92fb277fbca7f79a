// Which files a batch works on, and what each becomes.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "vaec/error.hpp"

namespace vaec::cli {

struct Job {
  std::filesystem::path input;              // "-": standard input
  std::filesystem::path output;             // "-": standard output
  std::string problem;                      // not empty: it cannot be worked on, and why
  ErrorCode code = ErrorCode::kUnreadable;  // of the problem
};

struct Plan {
  std::vector<Job> jobs;       // those of one folder in sorted order
  bool is_single = false;      // one file, named on the command line: its own exit status counts
  bool makes_folders = false;  // outputs stand in a tree that mirrors the inputs'
};

// What a subcommand takes from a folder, and how it calls the result.
struct Naming {
  std::function<bool(const std::filesystem::path&)> takes;
  std::function<std::filesystem::path(const std::filesystem::path&)> rename;  // the file name; folders stay
};

// Why a file cannot be worked on beside others, or nothing: whoever reads a named pipe waits for its writer,
// and a device may have no end.
[[nodiscard]] std::string problem_among_others(const std::filesystem::path& file);

// `output`: empty (beside each input), "-", a file (for a single input) or a folder.
// Several inputs, and what is in folders, must be regular files; a single one may be anything.
// Throws Error: kUsage (a folder without `recursive`, two inputs with one output, an output that is also an
// input, standard input beside others), kUnreadable (nothing found in the folders).
[[nodiscard]] Plan plan_batch(const std::vector<std::string>& inputs, const std::string& output,
                              bool recursive, const Naming& naming);

}  // namespace vaec::cli
