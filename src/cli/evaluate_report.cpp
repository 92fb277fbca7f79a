#include "cli/evaluate_report.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <span>
#include <system_error>
#include <utility>

#include "base/atomic_file.hpp"
#include "base/tell.hpp"
#include "cli/output_folders.hpp"
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
constexpr const char* kComparison = "compare-";
constexpr const char* kPicture = ".png";

struct Plot {
  eval::Metric metric;
  const char* file;
};
constexpr std::array<Plot, eval::kMetrics.size()> kPlots = {
    {{eval::Metric::kPsnr, "psnr.png"},
     {eval::Metric::kMsSsim, "ms-ssim.png"},
     {eval::Metric::kSsimulacra2, "ssimulacra2.png"},
     {eval::Metric::kButteraugli, "butteraugli.png"}}};

void check_folder(const fs::path& folder) {
  std::error_code ignored;
  if (fs::exists(folder, ignored) && !fs::is_directory(folder, ignored)) {
    throw Error(ErrorCode::kWrite,
                folder.string() + ": is no folder (name a folder, or a file that ends in .json)");
  }
}

}  // namespace

EvaluateReport::EvaluateReport(fs::path output, const std::vector<fs::path>& compared, bool overwrite,
                               const base::InputFiles& inputs)
    : output_(std::move(output)),
      is_folder_(!output_.empty() && output_.extension() != ".json"),
      overwrite_(overwrite) {
  if (!compared.empty() && !is_folder_) {
    throw Error(ErrorCode::kUsage, "--compare: needs a folder for its pictures (-o REPORT_DIR)");
  }
  if (!is_folder_) {
    if (output_.empty()) return;
    inputs.refuse_as_output(output_);
    base::check_may_write(output_, overwrite_);
    return;
  }
  for (const Plot& plot : kPlots) pictures_.push_back(output_ / plot.file);
  for (const fs::path& file : compared) pictures_.push_back(comparison_file(file.stem().string()));
  check_folder(output_);
  std::vector<fs::path> files = {output_ / kResults, output_ / kTable};
  files.insert(files.end(), pictures_.begin(), pictures_.end());
  if (overwrite_) {
    for (const fs::path& picture : earlier_comparisons()) pictures_.push_back(picture);
  }
  for (const auto* some : {&files, &pictures_}) {
    for (const fs::path& file : *some) inputs.refuse_as_output(file);
  }
  for (const fs::path& file : files) {
    base::check_may_write(file, overwrite_, base::Folders::kMade);
    base::refuse_pipe(file);
  }
}

bool EvaluateReport::writes(const fs::path& picture) const {
  return std::any_of(pictures_.begin(), pictures_.end(),
                     [&](const fs::path& own) { return base::identity(own) == base::identity(picture); });
}

// Only beside results: in any other folder a picture of that name may be anybody's.
std::vector<fs::path> EvaluateReport::earlier_comparisons() const {
  std::vector<fs::path> found;
  std::error_code error;
  if (!fs::exists(output_ / kResults, error)) return found;
  for (fs::directory_iterator entry(output_, error), end; !error && entry != end; entry.increment(error)) {
    const fs::path& file = entry->path();
    if (file.filename().string().starts_with(kComparison) && file.extension() == kPicture)
      found.push_back(file);
  }
  return found;
}

void EvaluateReport::remove_pictures() const {
  for (const fs::path& picture : pictures_) {
    std::error_code error;
    fs::remove(picture, error);
    if (error) throw Error(ErrorCode::kWrite, picture.string() + ": cannot be removed: " + error.message());
  }
}

void EvaluateReport::write(const eval::Results& results, const std::vector<eval::NamedCurve>& curves) const {
  if (output_.empty()) return;
  if (is_folder_) make_folder(output_);
  // Pictures of an earlier run must not stand beside these results, should this run come to none.
  if (is_folder_ && overwrite_) remove_pictures();
  write_text(is_folder_ ? output_ / kResults : output_, eval::to_json(results));
  if (!is_folder_) return;
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
  return output_ / (kComparison + name + kPicture);
}

void EvaluateReport::write_text(const fs::path& file, const std::string& text) const {
  base::write_file(file, std::as_bytes(std::span(text)), overwrite_);
}

}  // namespace vaec::cli
