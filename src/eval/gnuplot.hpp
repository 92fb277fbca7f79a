// Plots, drawn by gnuplot as a program.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace vaec::eval {

// `text` as gnuplot takes it, in its single quotes.
[[nodiscard]] std::string plot_quoted(const std::string& text);

// The PNG file that the script draws; `script` is told the file's name. Nothing if the script is empty. Throws Error: kUsage
// (gnuplot is not installed), kWrite (it fails).
[[nodiscard]] std::optional<std::vector<std::byte>> draw_by_gnuplot(
    const std::function<std::string(const std::filesystem::path& picture)>& script);

}  // namespace vaec::eval
