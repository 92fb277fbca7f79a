// The program's log: standard error, through spdlog.
#pragma once

#include <CLI/CLI.hpp>

namespace vaec::cli {

struct Verbosity {
  bool quiet = false;    // errors only
  bool verbose = false;  // details as well
};

// Adds --quiet and -v.
void add_verbosity(CLI::App& app, Verbosity& verbosity);

// Makes spdlog's default logger write to standard error, "vaec: message" a line.
void set_up_log(const Verbosity& verbosity);

}  // namespace vaec::cli
