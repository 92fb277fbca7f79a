// What `vaec evaluate` leaves behind: a folder, or one JSON file.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/input_files.hpp"
#include "eval/rd_plot.hpp"
#include "eval/results.hpp"
#include "vaec/image.hpp"

namespace vaec::cli {

class EvaluateReport {
 public:
  // `output`: empty (nothing is written), a *.json file, or a folder, made by write() if it is not there, for
  // results.json, results.csv, psnr.png, ms-ssim.png and, for each of `compared`, compare-NAME.png. Those of
  // an earlier run are removed by write(), if `overwrite` says so. Throws Error: kWrite for what write()
  // could not write, kUsage (compared pictures without a folder; one of `inputs` would be replaced or
  // removed).
  EvaluateReport(std::filesystem::path output, const std::vector<std::filesystem::path>& compared,
                 bool overwrite, const base::InputFiles& inputs);

  // Whether `picture` is one of its plots or comparisons.
  [[nodiscard]] bool writes(const std::filesystem::path& picture) const;

  // `curves` are those of the plots, vaec's first. Without gnuplot there are no plots, and one warning on
  // standard error. Throws Error kWrite.
  void write(const eval::Results& results, const std::vector<eval::NamedCurve>& curves) const;
  void write_comparison(const std::string& name, const Image& picture) const;

 private:
  [[nodiscard]] std::filesystem::path comparison_file(const std::string& name) const;
  [[nodiscard]] std::vector<std::filesystem::path> earlier_comparisons() const;
  void remove_pictures() const;
  void write_text(const std::filesystem::path& file, const std::string& text) const;
  void write_plots(const std::vector<eval::NamedCurve>& curves) const;

  std::filesystem::path output_;
  std::vector<std::filesystem::path> pictures_;  // plots and comparisons, those of an earlier run among them
  bool is_folder_;
  bool overwrite_;
};

}  // namespace vaec::cli
