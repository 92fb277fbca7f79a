#include "cli/log.hpp"

#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>

#include <memory>
#include <mutex>

#include "base/tell.hpp"

namespace vaec::cli {
namespace {

// spdlog's own would wait for whoever should read standard error, even when a stop was requested.
class StandardError : public spdlog::sinks::base_sink<std::mutex> {
  void sink_it_(const spdlog::details::log_msg& message) override {
    spdlog::memory_buf_t text;
    formatter_->format(message, text);
    base::tell("%.*s", static_cast<int>(text.size()), text.data());
  }
  void flush_() override {}
};

}  // namespace

void add_verbosity(CLI::App& app, Verbosity& verbosity) {
  CLI::Option* quiet = app.add_flag("--quiet", verbosity.quiet, "Print errors only");
  app.add_flag("-v,--verbose", verbosity.verbose, "Print details")->excludes(quiet);
}

void set_up_log(const Verbosity& verbosity) {
  auto logger = std::make_shared<spdlog::logger>("vaec", std::make_shared<StandardError>());
  logger->set_pattern("vaec: %v");
  logger->set_level(verbosity.quiet     ? spdlog::level::err
                    : verbosity.verbose ? spdlog::level::debug
                                        : spdlog::level::info);
  spdlog::set_default_logger(std::move(logger));
}

}  // namespace vaec::cli
