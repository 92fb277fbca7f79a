#include "cli/log.hpp"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <memory>

namespace vaec::cli {

void add_verbosity(CLI::App& app, Verbosity& verbosity) {
  CLI::Option* quiet = app.add_flag("--quiet", verbosity.quiet, "Print errors only");
  app.add_flag("-v,--verbose", verbosity.verbose, "Print details")->excludes(quiet);
}

void set_up_log(const Verbosity& verbosity) {
  auto logger = std::make_shared<spdlog::logger>("vaec", std::make_shared<spdlog::sinks::stderr_sink_mt>());
  logger->set_pattern("vaec: %v");
  logger->set_level(verbosity.quiet     ? spdlog::level::err
                    : verbosity.verbose ? spdlog::level::debug
                                        : spdlog::level::info);
  spdlog::set_default_logger(std::move(logger));
}

}  // namespace vaec::cli
