// What is measured of a trained network's latents before its model is written: how neighbours correct a mean,
// how large symbols are expected, and how often each is met with each table (entropy/latent_context.hpp).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "entropy/dependent_quantizer.hpp"
#include "entropy/symbol_table.hpp"
#include "model/latent_context.hpp"
#include "nn/predictor_statistics.hpp"
#include "nn/synthesis_quantizer.hpp"
#include "nn/torch.hpp"
#include "nn/two_level_vae.hpp"

namespace vaec::nn {

class LatentStatistics {
 public:
  explicit LatentStatistics(const model::PhotoConfig& config)
      : config_(config), is_lf_(config.is_lf()), predictors_(config) {}

  // Takes the latents of N pictures: y [N, latent, h, w] in rounding steps of `quality`, and what predict()
  // makes of them, without noise. NaN counts as 0.
  void add(const torch::Tensor& y, const CodedLatent& coded, int quality);

  // Takes what another has been given.
  void add(LatentStatistics&& other);

  // Fits everything to what was added: each neighbour's weight by least squares (by the quality's level, as
  // the statistics of z), then, with these, expected magnitudes and tables; these more than once, since the
  // tables decide which symbols are chosen. Without anything added: no weights, and the densities' tables.
  void fit();

  // The latents that were added, as they are decoded.
  [[nodiscard]] const std::vector<DecodedLatent>& decoded() const { return decoded_; }

  // Of the LF images and the hyper-latents.
  [[nodiscard]] const PredictorStatistics& predictors() const { return predictors_; }

  [[nodiscard]] const model::LatentContextTensors& context() const { return context_; }
  // kTableRows * kActivities, by row, then activity.
  [[nodiscard]] const std::vector<entropy::TableData>& tables() const { return tables_; }

 private:
  struct Sample {
    int level, rows, columns;
    // y minus the predicted mean, [rows][columns][latent]; of the LF image what is coded minus the mean.
    std::vector<float> difference;
    std::vector<std::uint8_t> scale;  // indices
  };

  // What a symbol was coded with.
  struct Coded {
    std::size_t channel;
    std::uint8_t scale;
    entropy::Quantizer quantizer;
    float difference;  // to the mean before its correction
    std::int32_t symbol;
  };
  // Codes all samples as a codec would, with the tables so far: use(sample, context, coded) for each symbol.
  template <typename Use>
  void code(const Use& use) const;
  void fit_weights();
  void fit_expected_and_tables();

  model::PhotoConfig config_;
  std::vector<bool> is_lf_;
  PredictorStatistics predictors_;
  std::vector<Sample> samples_;
  std::vector<DecodedLatent> decoded_;
  model::LatentContextTensors context_;
  std::vector<entropy::TableData> tables_;
};

}  // namespace vaec::nn
