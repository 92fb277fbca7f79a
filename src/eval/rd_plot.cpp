#include "eval/rd_plot.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <sstream>

#include "eval/gnuplot.hpp"

namespace vaec::eval {
namespace {

std::vector<std::pair<double, double>> drawable(const Curve& curve, Metric metric) {
  std::vector<std::pair<double, double>> points;
  for (const CurvePoint& point : curve.points) {
    const double value = value_of(point, metric);
    if (point.bpp > 0 && std::isfinite(point.bpp) && std::isfinite(value))
      points.emplace_back(point.bpp, value);
  }
  std::sort(points.begin(), points.end());
  return points;
}

}  // namespace

std::string plot_script(const std::vector<NamedCurve>& curves, Metric metric,
                        const std::filesystem::path& picture) {
  std::ostringstream data, plots;
  double largest_rate = 0;
  for (std::size_t i = 0; i < curves.size(); ++i) {
    const auto points = drawable(curves[i].curve, metric);
    if (points.size() < 2) continue;
    data << "$curve" << i << " << EOD\n";
    for (const auto& [bpp, value] : points) data << bpp << ' ' << value << '\n';
    data << "EOD\n";
    plots << (largest_rate == 0 ? "plot " : ", ") << "$curve" << i << " using 1:2 with linespoints linewidth "
          << (i == 0 ? "3.5" : "1.5") << " linecolor " << i + 1 << " pointtype 7 pointsize 0.6 title "
          << gnuplot_quoted(curves[i].name);
    if (largest_rate == 0) largest_rate = points.back().first;
  }
  if (largest_rate == 0) return "";
  constexpr double kMargin = 1.05;
  constexpr const char* kAxes[] = {"PSNR (dB)", "MS-SSIM (dB, -10 log10(1 - MS-SSIM))", "SSIMULACRA2",
                                   "Butteraugli distance, negative"};
  const std::string unit = kAxes[static_cast<int>(metric)];
  std::ostringstream script;
  script << data.str() << "set terminal pngcairo noenhanced size 900,600 font 'sans,11'\n"
         << "set output " << gnuplot_quoted(picture.string()) << "\nset xlabel 'bits per pixel'\nset ylabel "
         << gnuplot_quoted(unit) << "\nset xrange [0:" << kMargin * largest_rate
         << "]\nset key bottom right\nset grid\n"
         << plots.str() << "\n";
  return script.str();
}

std::optional<std::vector<std::byte>> draw_plot(const std::vector<NamedCurve>& curves, Metric metric) {
  return run_gnuplot(
      [&](const std::filesystem::path& picture) { return plot_script(curves, metric, picture); });
}

}  // namespace vaec::eval
