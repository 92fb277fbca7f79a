// A `photo` model ready to code with, on oneDNN alone.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "entropy/frequency_table.hpp"
#include "infer/analysis.hpp"
#include "infer/hyper_synthesis.hpp"
#include "infer/synthesis.hpp"
#include "model/hyper_tensors.hpp"
#include "model/latent_context.hpp"
#include "model/photo_config.hpp"
#include "model/safetensors.hpp"

namespace vaec::infer {

// What g_a computes in: bfloat16 where it pays. With AVX-512 BF16 it is twice as fast as float32, emulated far slower.
[[nodiscard]] Number fastest_analysis_number();

class PhotoModel {
 public:
  // Every tensor of the decoder is checked: its name, type, shape and range.
  // `number`: what g_a computes in, kF32 or kBF16. Throws Error kModel.
  explicit PhotoModel(model::SafeTensors file, Number number = fastest_analysis_number(),
                      IntegerKernel kernel = fastest_integer_kernel());

  [[nodiscard]] const model::PhotoConfig& config() const { return config_; }
  [[nodiscard]] const Synthesis& synthesis() const { return *synthesis_; }
  [[nodiscard]] const HyperSynthesis& hyper_synthesis() const { return *hyper_synthesis_; }
  // kActivities for each row (entropy/dependent_quantizer.hpp).
  [[nodiscard]] const std::vector<entropy::FrequencyTable>& y_tables() const { return y_tables_; }
  [[nodiscard]] const model::LatentContextTensors& context() const { return context_; }
  // entropy::kPredictedTables for each channel of the LF image.
  [[nodiscard]] const std::vector<entropy::FrequencyTable>& lf_tables() const { return lf_tables_; }
  // entropy::kPredictedTables.
  [[nodiscard]] const std::vector<entropy::FrequencyTable>& z_tables() const { return z_tables_; }
  [[nodiscard]] const model::HyperTensors& hyper() const { return hyper_; }

  // The encoder's networks, loaded when they are first asked for. Throws Error kModel. Thread-safe.
  // bfloat16 has hardly more precision than 8 bits: deeper pictures go through float32.
  [[nodiscard]] const Analysis& analysis(std::uint32_t bit_depth = 8) const;
  [[nodiscard]] const HyperAnalysis& hyper_analysis() const;

 private:
  void load_encoder() const;
  [[nodiscard]] std::unique_ptr<Analysis> make_analysis(Number number) const;

  model::SafeTensors file_;
  model::PhotoConfig config_;
  Number number_;
  std::unique_ptr<Synthesis> synthesis_;
  std::unique_ptr<HyperSynthesis> hyper_synthesis_;
  model::LatentContextTensors context_;
  std::vector<entropy::FrequencyTable> y_tables_, lf_tables_, z_tables_;
  model::HyperTensors hyper_;
  mutable std::once_flag encoder_once_, deep_once_;
  mutable std::unique_ptr<Analysis> analysis_, deep_analysis_;
  mutable std::unique_ptr<HyperAnalysis> hyper_analysis_;
};

}  // namespace vaec::infer
