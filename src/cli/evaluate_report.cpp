#include "cli/evaluate_report.hpp"

#include <array>
#include <cstdio>
#include <span>
#include <system_error>
#include <utility>

#include "base/atomic_file.hpp"
#include "base/tell.hpp"
#include "cli/picture_io.hpp"
#include "eval/curve_file.hpp"
#include "eval/process.hpp"
#include "eval/results_csv.hpp"
#include "vaec/error.hpp"

namespace vaec::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* kResults = "results.json";
constexpr const char* kTable = "results.csv";

struct Plot {
  eval::Metric metric;
  const char* file;
};
constexpr std::array<Plot, 2> kPlots = {
    {{eval::Metric::kPsnr, "psnr.png"}, {eval::Metric::kMsSsim, "ms-ssim.png"}}};

void check_folder(const fs::path& folder) {
  std::error_code ignored;
  if (fs::exists(folder, ignored) && !fs::is_directory(folder, ignored)) {
    throw Error(ErrorCode::kWrite,
                folder.string() + ": is no folder (name a folder, or a file that ends in .json)");
  }
}

void make_folder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) throw Error(ErrorCode::kWrite, folder.string() + ": cannot be made: " + error.message());
}

}  // namespace

EvaluateReport::EvaluateReport(fs::path output, const std::vector<std::string>& compared, bool overwrite)
    : output_(std::move(output)),
      is_folder_(!output_.empty() && output_.extension() != ".json"),
      overwrite_(overwrite) {
  if (!compared.empty() && !is_folder_) {
    throw Error(ErrorCode::kUsage, "--compare: needs a folder for its pictures (-o REPORT_DIR)");
  }
  if (!is_folder_) {
    if (!output_.empty()) base::check_may_write(output_, overwrite_);
    return;
  }
  for (const Plot& plot : kPlots) pictures_.push_back(output_ / plot.file);
  for (const std::string& name : compared) pictures_.push_back(comparison_file(name));
  check_folder(output_);
  std::vector<fs::path> files = {output_ / kResults, output_ / kTable};
  files.insert(files.end(), pictures_.begin(), pictures_.end());
  for (const fs::path& file : files) base::check_may_write(file, overwrite_, base::Folders::kMade);
}

void EvaluateReport::write(const eval::Results& results, const std::vector<eval::NamedCurve>& curves) const {
  if (output_.empty()) return;
  if (is_folder_) make_folder(output_);
  write_text(is_folder_ ? output_ / kResults : output_, eval::to_json(results));
  if (!is_folder_) return;
  // Pictures of an earlier run must not stand beside these results, should this run come to none.
  std::error_code ignored;
  for (const fs::path& picture : pictures_) {
    if (overwrite_) fs::remove(picture, ignored);
  }
  write_text(output_ / kTable, eval::to_csv(results));
  write_plots(curves);
}

void EvaluateReport::write_plots(const std::vector<eval::NamedCurve>& curves) const {
  if (!eval::is_installed("gnuplot")) {
    base::tell("vaec: %s: no plots: gnuplot is not installed (Debian package gnuplot-nox)\n",
               output_.c_str());
    return;
  }
  for (const Plot& plot : kPlots) {
    if (const auto picture = eval::draw_plot(curves, plot.metric))
      base::write_file(output_ / plot.file, *picture, overwrite_);
  }
}

void EvaluateReport::write_comparison(const std::string& name, const Image& picture) const {
  make_folder(output_);
  save_picture(comparison_file(name), picture, overwrite_);
}

fs::path EvaluateReport::comparison_file(const std::string& name) const {
  return output_ / ("compare-" + name + ".png");
}

void EvaluateReport::write_text(const fs::path& file, const std::string& text) const {
  base::write_file(file, std::as_bytes(std::span(text)), overwrite_);
}

}  // namespace vaec::cli
