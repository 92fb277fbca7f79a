// Plots are gnuplot scripts, run as a program.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace vaec::eval {

// As a string of a script.
[[nodiscard]] std::string gnuplot_quoted(const std::string& text);

// Throws Error kUsage: gnuplot is not installed.
void check_gnuplot();

// The PNG file that a script draws; nothing if the script is empty. `make_script`: of the picture's name. Throws Error: kUsage
// (gnuplot is not installed), kWrite (it fails).
[[nodiscard]] std::optional<std::vector<std::byte>> run_gnuplot(
    const std::function<std::string(const std::filesystem::path& picture)>& make_script);

}  // namespace vaec::eval
