// The LF image of a picture to and from its range-coded stream (docs/format.md, section 8.2).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "entropy/lf_predictor.hpp"
#include "entropy/range_coder.hpp"
#include "infer/hyper_synthesis.hpp"
#include "infer/photo_model.hpp"

namespace vaec::codec {

// One picture, row by row.
class LfEncoder {
 public:
  // The model must outlive it. Each value becomes the nearest that its tile's precision has, or with `choose_values` one
  // of the two around it, by rate and distortion.
  LfEncoder(const infer::PhotoModel& model, int rows, int columns, bool choose_values);

  // The next row of y, [columns][latent] in rounding steps.
  void push(const float* y);

  // What is coded so far, whole tiles: what a decoder will see.
  [[nodiscard]] const infer::LfImage& image() const { return image_; }
  [[nodiscard]] int rows_coded() const { return coded_; }
  // After the last row.
  [[nodiscard]] std::vector<std::byte> finish() { return coder_.finish(); }

 private:
  // The rows that wait.
  void code();

  const infer::PhotoModel& model_;
  bool choose_values_;
  infer::LfImage image_;
  std::vector<float> above_,
      waiting_;  // of y the LF image's channels: the row above those that wait, and these
  int coded_ = 0, pushed_ = 0;
  entropy::LfPrecision precision_;
  entropy::LfPredictor predictor_;
  entropy::RangeEncoder coder_;
};

// Throws Error kCorrupt.
[[nodiscard]] infer::LfImage decode_lf(const infer::PhotoModel& model, std::span<const std::byte> stream,
                                       int rows, int columns);

}  // namespace vaec::codec
