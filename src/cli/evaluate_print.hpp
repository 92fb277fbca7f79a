// What `vaec evaluate` prints on standard output.
#pragma once

#include "eval/results.hpp"

namespace vaec::cli {

// A table with a line for each codec and quality, and a line for each BD-rate. Throws Error kWrite.
void print_for_people(const eval::Results& results);

// The same as JSON lines (eval/curve_file.hpp says what is in them). Throws Error kWrite.
void print_json_lines(const eval::Results& results);

}  // namespace vaec::cli
