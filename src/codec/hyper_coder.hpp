// The hyper-latent of a picture to and from its range-coded stream (docs/format.md, section 8.3).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "entropy/hyper_predictor.hpp"
#include "entropy/range_coder.hpp"
#include "infer/hyper_synthesis.hpp"
#include "infer/photo_model.hpp"

namespace vaec::codec {

// One picture, row by row.
class HyperEncoder {
 public:
  // The model must outlive it. Each value becomes the nearest integer, or with `choose_values` one of the two around it,
  // by rate and distortion.
  HyperEncoder(const infer::PhotoModel& model, int quality, int rows, int columns, bool choose_values);

  // The next row of h_a's output, [columns][hyper].
  void push(const float* row);

  // What is coded so far: what a decoder will see.
  [[nodiscard]] const infer::HyperLatent& values() const { return z_; }
  [[nodiscard]] int rows_coded() const { return coded_; }
  // After the last row.
  [[nodiscard]] std::vector<std::byte> finish() { return coder_.finish(); }

 private:
  const infer::PhotoModel& model_;
  bool choose_values_;
  infer::HyperLatent z_;
  int coded_ = 0;
  entropy::HyperPredictor predictor_;
  entropy::RangeEncoder coder_;
};

// Throws Error kCorrupt.
[[nodiscard]] infer::HyperLatent decode_hyper(const infer::PhotoModel& model,
                                              std::span<const std::byte> stream, int quality, int rows,
                                              int columns);

}  // namespace vaec::codec
