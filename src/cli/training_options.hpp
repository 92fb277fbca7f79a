// What is trained, and how: the options of every command that trains.
#pragma once

#include <CLI/CLI.hpp>

#include "train/options.hpp"

namespace vaec::cli {

// Adds them, and sets options.threads to its default.
void add_training_options(CLI::App& app, train::Options& options);

}  // namespace vaec::cli
