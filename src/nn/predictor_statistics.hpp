// What is measured of a trained network's LF images and hyper-latents before its model is written: the
// parameters and tables of their predictors (entropy/lf_predictor.hpp, entropy/hyper_predictor.hpp).
#pragma once

#include <cstdint>
#include <vector>

#include "entropy/predicted_table.hpp"
#include "model/hyper_tensors.hpp"
#include "nn/torch.hpp"

namespace vaec::nn {

class PredictorStatistics {
 public:
  explicit PredictorStatistics(const model::PhotoConfig& config);

  // Takes those of N pictures: lf [N, channels, h, w] and z [N, hyper, h', w'], z of whole numbers. NaN counts as 0.
  void add(const torch::Tensor& lf, const torch::Tensor& z, int quality);

  // Takes what another has been given.
  void add(PredictorStatistics&& other);

  // Fits z's means, its neighbours' weights by least squares and its expected errors, all by the quality's
  // level, and counts the symbols of all tables. Of nothing it makes what knows nothing.
  void fit();

  [[nodiscard]] const model::HyperTensors& hyper() const { return hyper_; }
  // entropy::kPredictedTables for each channel of the LF image.
  [[nodiscard]] std::vector<entropy::TableData> lf_tables() const;
  // entropy::kPredictedTables.
  [[nodiscard]] std::vector<entropy::TableData> hyper_tables() const { return hyper_counts_.tables(); }

 private:
  struct Sample {
    int level, columns, hyper_columns;
    std::vector<float> lf;        // [rows][columns][channels]
    std::vector<std::int32_t> z;  // as lf
  };

  // Codes the z of a sample as a codec would: for each value use(predictor, channel, prediction, value).
  template <typename Use>
  void code_hyper(const Sample& sample, const Use& use) const;
  void count_lf(const Sample& sample);
  void fit_means();
  void fit_weights();
  void fit_expected();

  model::PhotoConfig config_;
  std::vector<Sample> samples_;
  model::HyperTensors hyper_;
  std::vector<entropy::PredictedCounts> lf_counts_;  // by channel
  entropy::PredictedCounts hyper_counts_;
};

}  // namespace vaec::nn
