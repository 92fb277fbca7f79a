// The analysis transform g_a and the hyper-analysis h_a for coding: pixels in, latents out, row by row, in
// memory that depends on the picture's width alone. Only an encoder needs them.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "infer/residual.hpp"
#include "infer/transform_weights.hpp"

namespace vaec::infer {

// g_a's weights. Immutable; threads may share it.
class Analysis {
 public:
  // `number`: what the nonlinear branch computes in.
  Analysis(TransformWeights weights, std::vector<float> log_gain, const model::PhotoConfig& config,
           Number number);

  // Fills a row of pixels, 3 * width values 0..255 as float.
  using Source = std::function<void(int row, float* rgb)>;
  // Takes `count` rows of y, [count][columns][latent] in rounding steps of the quality, from `first` on.
  using Sink = std::function<void(int first, int count, const float* y)>;

  // `rows` x `columns` latents: 16 times as many pixels each way. Thread-safe.
  void run(int quality, int rows, int columns, const Source& source, const Sink& sink) const;

 private:
  friend class AnalysisRun;
  model::PhotoConfig config_;
  Number number_;
  std::vector<float> log_gain_;
  Conv linear_, stem_;
  std::vector<ResidualStage> stages_;  // at 1/4, 1/8, 1/16
  std::vector<Conv> down_;
  Conv last_;
  std::optional<Conv> skip_;  // from 1/4 to what is added to the linear branch's pixels
};

// h_a's weights, in float32: bfloat16 would save 3% of the time and cost 0.4% of the bytes at low qualities.
// Immutable; threads may share it.
class HyperAnalysis {
 public:
  HyperAnalysis(std::array<ConvWeights, 3> weights, const model::PhotoConfig& config);

 private:
  friend class HyperAnalysisRun;
  model::PhotoConfig config_;
  std::vector<float> quality_weight_;
  Conv first_, second_, third_;
};

// One picture's hyper-latent.
class HyperAnalysisRun {
 public:
  // Takes one row of z before rounding, [ceil(columns / 4)][hyper]. Rows come from 0 up.
  using Sink = std::function<void(int row, const float* z)>;

  // `rows` x `columns` latents; `hyper_analysis` must outlive it.
  HyperAnalysisRun(const HyperAnalysis& hyper_analysis, int quality, int rows, int columns, Sink sink);

  // The next `count` rows of y, as Analysis gives them.
  void push(int count, const float* y);

 private:
  void push_strip(int count, const float* y);

  const HyperAnalysis& hyper_analysis_;
  int rows_, columns_;  // of y
  int half_columns_;    // of the second layer's output
  Sink sink_;
  std::vector<float> first_bias_;
  Rows first_, second_;  // the outputs of the first two layers
  int third_done_ = 0;
  Buffer buffer_;
};

}  // namespace vaec::infer
