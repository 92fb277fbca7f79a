#include "cli/program.hpp"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <sstream>
#include <string>
#include <vector>

#include "base/atomic_file.hpp"
#include "base/cpu_count.hpp"
#include "base/tell.hpp"
#include "base/threads.hpp"
#include "cli/failure.hpp"
#include "cli/help.hpp"
#include "cli/signals.hpp"
#include "cli/streams.hpp"
#include "plugin/waiting.hpp"
#include "vaec/vaec.hpp"

namespace vaec::cli {
namespace {

constexpr const char* kFooter = R"(Examples:
  vaec compress photo.png                    writes photo.vaec
  vaec compress photos/ -r -o packed/ -q 50  a whole folder, mirrored
  vaec decompress packed/ -r -o out/         and back, as PNG
  vaec decompress - -o - < a.vaec | display  through pipes
  vaec train --data my_images/ -o mine.safetensors
                                             a model of your own
  vaec info photo.vaec                       what is in it
`vaec SUBCOMMAND --help` tells more.

Exit status:
  0    all done
  1    some files of a batch failed, or training cannot go on
  2    wrong usage
  3    an input cannot be read
  4    a .vaec file is damaged
  5    over a size limit, or out of memory
  6    an output cannot be written
  7    a model is missing, damaged or another one
  70   an internal error: a bug
  130  interrupted (what was finished stays))";

std::string shell_quoted(const std::string& argument) {
  constexpr const char* kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./=,:+@%";
  if (!argument.empty() && argument.find_first_not_of(kPlain) == std::string::npos) return argument;
  std::string quoted = "'";
  for (const char c : argument) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

std::string command_line(int argc, char** argv) {
  std::string line = "vaec";
  for (int i = 1; i < argc; ++i) line += " " + shell_quoted(argv[i]);
  return line;
}

// `vaec help COMMAND` is `vaec COMMAND --help`.
std::vector<const char*> as_options(int argc, char** argv) {
  std::vector<const char*> words(argv, argv + argc);
  if (argc > 1 && words[1] == std::string("help")) {
    words.erase(words.begin() + 1);
    words.push_back("--help");
  }
  return words;
}

// Help and version go to standard output, or throw Error kWrite; anything else is one line that says where help is.
int report_parse_error(const CLI::App& app, const CLI::ParseError& error) {
  if (error.get_exit_code() == 0) {
    std::ostringstream text;
    const int status = app.exit(error, text, text);
    print(text.str());
    return status;
  }
  std::string help = "vaec", message = first_line(error.what());
  if (const auto chosen = app.get_subcommands(); !chosen.empty()) {
    help += " " + chosen.front()->get_name();
    // CLI11 misses an input before it tells of what it took for none.
    const bool is_missing = dynamic_cast<const CLI::RequiredError*>(&error) != nullptr;
    if (const auto others = chosen.front()->remaining(); is_missing && !others.empty())
      message = "'" + others.front() + "' is no option (a file of that name is ./" + others.front() + ")";
  } else if (const auto rest = app.remaining(); !rest.empty()) {
    message = "'" + rest.front() + "' is neither a subcommand nor an option";
  }
  base::tell("vaec: %s (see %s --help)\n", message.c_str(), help.c_str());
  return exit_status(ErrorCode::kUsage);
}

int run_action(int argc, char** argv) {
  install_signal_handlers();
  Program program;
  program.command_line = command_line(argc, argv);

  CLI::App app("A learned image codec: trains, compresses and decompresses.", "vaec");
  app.set_version_flag("-V,--version", std::string("vaec ") + VAEC_VERSION, "Print the version");
  app.require_subcommand(1);
  app.formatter(help_formatter());
  app.footer(kFooter);
#ifdef VAEC_WITH_OPENCV
  setup_compress(app, program);
  setup_decompress(app, program);
  setup_restore(app, program);
  setup_evaluate(app, program);
  setup_embed(app, program);
#endif
  setup_train(app, program);
  setup_info(app, program);
  setup_sample(app, program);
  setup_sweep(app, program);

  try {
    try {
      const auto words = as_options(argc, argv);
      app.parse(static_cast<int>(words.size()), words.data());
    } catch (const CLI::ParseError& error) {
      return report_parse_error(app, error);
    }
    return program.action();
  } catch (...) {
    const Failure failure = current_failure();
    base::tell("vaec: %s\n", failure.message.c_str());
    return exit_status(failure.code);
  }
}

std::atomic<bool> finished = false;

// Whoever leaves by exit(): main, or a library that gives up, as libgomp does when no thread can be made. Not
// through the destructors of the libraries: OpenBLAS, which OpenCV brings along, waits there for threads that
// never end if memory was short when they began.
void leave_at_once(int status, void*) {
  std::fflush(nullptr);
  if (!finished) {
    base::remove_unfinished_files();
    status = exit_status(ErrorCode::kLimit);
  }
  _exit(status);
}

void leave_at_once_on_exit() {
#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__)  // which looks for leaks in the end
  on_exit(leave_at_once, nullptr);
#endif
}

}  // namespace

int default_threads() { return base::available_cpus(); }

int usable_threads(int wanted) {
  // OpenMP's, oneTBB's, OpenBLAS's, those of a batch or of training; writers.
  const auto taken = [](int threads) { return 4 * static_cast<std::size_t>(threads) + 4; };
  const std::size_t startable = base::count_startable(taken(wanted));
  int threads = wanted;
  while (threads > 1 && taken(threads) > startable) threads /= 2;
  // OpenBLAS comes along with OpenCV and LibTorch. It starts its threads when it is loaded, one a core unless
  // told otherwise, and raises SIGINT if it gets none.
  setenv("OPENBLAS_NUM_THREADS", std::to_string(threads).c_str(), /*overwrite=*/threads < wanted ? 1 : 0);
  return threads;
}

int run_program(int argc, char** argv) {
  occupy_closed_streams();
  plugin::wait_briefly();
  leave_at_once_on_exit();
  const int status = run_action(argc, argv);
  finished = true;
  return status;
}

}  // namespace vaec::cli
