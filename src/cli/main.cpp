// The vaec program.
#include "cli/program.hpp"

int main(int argc, char** argv) { return vaec::cli::run_program(argc, argv); }
