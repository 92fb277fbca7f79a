// How --help looks.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>

namespace vaec::cli {

// Two columns, the right one wrapped to the width of a terminal.
[[nodiscard]] std::shared_ptr<CLI::FormatterBase> help_formatter();

}  // namespace vaec::cli
