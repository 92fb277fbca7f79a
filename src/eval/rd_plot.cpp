#include "eval/rd_plot.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <sstream>

#include "eval/process.hpp"
#include "eval/temporary_folder.hpp"
#include "eval/whole_file.hpp"
#include "vaec/error.hpp"

namespace vaec::eval {
namespace {

// In gnuplot's single quotes only the quote itself needs care, and a line break ends the command.
std::string plot_quoted(const std::string& text) {
  std::string result = "'";
  for (const char c : text) result += c == '\'' ? "''" : c == '\n' || c == '\r' ? " " : std::string(1, c);
  return result + "'";
}

std::vector<std::pair<double, double>> drawable(const Curve& curve, Metric metric) {
  std::vector<std::pair<double, double>> points;
  for (const CurvePoint& point : curve.points) {
    const double value = decibels(point, metric);
    if (point.bpp > 0 && std::isfinite(point.bpp) && std::isfinite(value))
      points.emplace_back(point.bpp, value);
  }
  std::sort(points.begin(), points.end());
  return points;
}

std::string first_line(const std::string& text) {
  const std::size_t begin = text.find_first_not_of(" \n");
  return begin == std::string::npos ? "" : text.substr(begin, text.find('\n', begin) - begin);
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
          << plot_quoted(curves[i].name);
    if (largest_rate == 0) largest_rate = points.back().first;
  }
  if (largest_rate == 0) return "";
  constexpr double kMargin = 1.05;
  const std::string unit = metric == Metric::kPsnr ? "PSNR (dB)" : "MS-SSIM (dB, -10 log10(1 - MS-SSIM))";
  std::ostringstream script;
  script << data.str() << "set terminal pngcairo noenhanced size 900,600 font 'sans,11'\n"
         << "set output " << plot_quoted(picture.string()) << "\nset xlabel 'bits per pixel'\nset ylabel "
         << plot_quoted(unit) << "\nset xrange [0:" << kMargin * largest_rate
         << "]\nset key bottom right\nset grid\n"
         << plots.str() << "\n";
  return script.str();
}

std::optional<std::vector<std::byte>> draw_plot(const std::vector<NamedCurve>& curves, Metric metric) {
  if (!is_installed("gnuplot")) {
    throw Error(ErrorCode::kUsage, "gnuplot is not installed (Debian package gnuplot-nox)");
  }
  const TemporaryFolder folder;
  const auto picture = folder.path() / "plot.png", script_file = folder.path() / "plot.gnuplot";
  const std::string script = plot_script(curves, metric, picture);
  if (script.empty()) return std::nullopt;
  save(script_file, std::as_bytes(std::span(script)));
  const ProcessResult result = run_process({"gnuplot", script_file.string()});
  if (result.status != 0) {
    throw Error(ErrorCode::kWrite, "gnuplot failed: " + first_line(result.output));
  }
  return load(picture);
}

}  // namespace vaec::eval
