// Rate-distortion plots, drawn by gnuplot.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "eval/curve.hpp"

namespace vaec::eval {

struct NamedCurve {
  std::string name;
  Curve curve;
};

// A gnuplot script that draws `metric` over bpp into the PNG file `picture`; empty if no curve has two
// points to draw. The first curve stands out, and its largest rate is where the plot ends.
[[nodiscard]] std::string plot_script(const std::vector<NamedCurve>& curves, Metric metric,
                                      const std::filesystem::path& picture);

// The PNG file that `plot_script` draws; nothing if that is empty. Throws Error: kUsage (gnuplot is not
// installed), kWrite (it fails).
[[nodiscard]] std::optional<std::vector<std::byte>> draw_plot(const std::vector<NamedCurve>& curves,
                                                              Metric metric);

}  // namespace vaec::eval
