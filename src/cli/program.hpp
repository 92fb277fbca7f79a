// What main and the subcommands share.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>

namespace vaec::cli {

struct Program {
  std::string command_line;  // as typed, quoted for a shell
  std::function<int()>
      action;  // the chosen subcommand, to be run once all arguments are parsed; gives the exit status
};

// Each adds one subcommand: its options, and a callback that sets program.action.
void setup_compress(CLI::App& app, Program& program);
void setup_decompress(CLI::App& app, Program& program);
void setup_train(CLI::App& app, Program& program);
void setup_evaluate(CLI::App& app, Program& program);
void setup_embed(CLI::App& app, Program& program);
void setup_info(CLI::App& app, Program& program);
void setup_sample(CLI::App& app, Program& program);
void setup_sweep(CLI::App& app, Program& program);
void setup_restore(CLI::App& app, Program& program);

// Parses the arguments, runs the subcommand, prints the error if there is one. Gives the exit status.
int run_program(int argc, char** argv);

// The default of -j: one thread a core.
[[nodiscard]] int default_threads();

// So many threads, or fewer where the system does not give as many as that takes in all: OpenMP ends the
// program when it gets none. Call it before any module is loaded: it tells OpenBLAS, too.
[[nodiscard]] int usable_threads(int wanted);

}  // namespace vaec::cli
