#include "eval/scatter_plot.hpp"

#include <sstream>

#include "eval/gnuplot.hpp"

namespace vaec::eval {
namespace {

// Tableau's twenty categorical colours, the strong ones first.
constexpr std::array<const char*, kMostGroups> kColours = {
    "1f77b4", "ff7f0e", "2ca02c", "d62728", "9467bd", "8c564b", "e377c2", "7f7f7f", "bcbd22", "17becf",
    "aec7e8", "ffbb78", "98df8a", "ff9896", "c5b0d5", "c49c94", "f7b6d2", "c7c7c7", "dbdb8d", "9edae5"};

// Many points must not hide each other, few must be seen.
constexpr std::size_t kMany = 1000;

}  // namespace

std::string scatter_script(const std::vector<PointGroup>& groups, const std::array<std::string, 2>& axes,
                           const std::filesystem::path& picture) {
  std::ostringstream data, plots, legend;
  std::size_t count = 0;
  for (const auto& group : groups) count += group.points.size();
  const char* alpha = count > kMany ? "70" : "00";  // of gnuplot: 0 is opaque
  const char* size = count > kMany ? "0.4" : "0.9";
  for (std::size_t i = 0; i < groups.size(); ++i) {
    if (groups[i].points.empty()) continue;
    data << "$group" << i << " << EOD\n";
    for (const auto& [x, y] : groups[i].points) data << x << ' ' << y << '\n';
    data << "EOD\n";
    plots << (plots.str().empty() ? "plot " : ", ") << "$group" << i
          << " using 1:2 with points pointtype 7 pointsize " << size << " linecolor rgb '#" << alpha
          << kColours.at(i) << "' notitle";
    // An entry of its own: a point that can be seen through, and is small, shows its colour badly.
    if (!groups[i].name.empty()) {
      legend << ", NaN with points pointtype 7 pointsize 1.2 linecolor rgb '#" << kColours.at(i) << "' title "
             << gnuplot_quoted(groups[i].name);
    }
  }
  if (plots.str().empty()) return "";
  std::ostringstream script;
  script << data.str() << "set terminal pngcairo noenhanced size 1000,800 font 'sans,11'\n"
         << "set output " << gnuplot_quoted(picture.string()) << "\nset xlabel " << gnuplot_quoted(axes[0])
         << "\nset ylabel " << gnuplot_quoted(axes[1])
         << "\nset key outside right top\nset grid linecolor rgb '#dddddd'\n"
         << plots.str() << legend.str() << "\n";
  return script.str();
}

}  // namespace vaec::eval
