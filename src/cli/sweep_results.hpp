// What the trainings of a sweep came to.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "cli/sweep_plan.hpp"

namespace vaec::cli {

// One training: validated on one fold.
struct FoldResult {
  double score = 0;    // a figure of its validation (score_of)
  double seconds = 0;  // that it took
  std::string error;   // why there is no score, if there is none
};

// The figure that decides: of mnist models the ELBO, in nats, of others the loss; negative, so that the largest is the best.
struct Score {
  std::string figure;  // its name in a model's card
  int sign = 1;
};
[[nodiscard]] Score score_of(const std::string& architecture);

// Of a model that has been trained: its card's validation. Throws Error kModel.
[[nodiscard]] FoldResult result_of(const std::filesystem::path& model, const Score& score);

// One JSON object a file. Nothing if the file is not there; throws Error kUnreadable for one that is no such result.
void save_result(const std::filesystem::path& file, const FoldResult& result);
[[nodiscard]] std::optional<FoldResult> load_result(const std::filesystem::path& file);

// A point with its folds.
struct PointResult {
  Point point;
  std::vector<FoldResult> folds;

  // Over the folds; of a point with an error, which no score describes, the mean is NaN.
  [[nodiscard]] double mean() const;
  [[nodiscard]] double deviation() const;  // of a fold, by the unbiased estimate; 0 for one fold
  [[nodiscard]] double seconds() const;    // of all
};

// The best first; those with errors last.
void sort_by_score(std::vector<PointResult>& results);

// For people, a line a point; and the same as CSV with every fold's score.
[[nodiscard]] std::string table_of(const std::vector<Axis>& axes, const std::vector<PointResult>& results,
                                   const Score& score);
[[nodiscard]] std::string csv_of(const std::vector<Axis>& axes, const std::vector<PointResult>& results,
                                 const Score& score);

// A gnuplot script that draws the score over each axis of two values and more into the PNG file `picture`; empty if there is
// none.
[[nodiscard]] std::string plot_script_of(const std::vector<Axis>& axes,
                                         const std::vector<PointResult>& results, const Score& score,
                                         const std::filesystem::path& picture);

}  // namespace vaec::cli
