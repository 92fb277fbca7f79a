// A `photo` model as a .safetensors file, and what the codec needs of it.
#pragma once

#include <torch/torch.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "entropy/frequency_table.hpp"
#include "model/safetensors.hpp"
#include "nn/hyper_synthesis.hpp"
#include "nn/two_level_vae.hpp"

namespace vaec::nn {

// Writes g_a, g_s, h_a (float16), the gains (float32), the integer h_s and all frequency tables. `card` is
// JSON text. Throws Error kWrite.
void save_photo(TwoLevelVae& vae, const std::filesystem::path& file, const std::string& card);

// A model ready to code with. Nothing in it changes after loading.
struct PhotoModel {
  PhotoConfig config;
  torch::ScalarType precision;  // of the nonlinear branches of g_a and g_s
  Analysis analysis{nullptr};
  Synthesis synthesis{nullptr};
  HyperAnalysis hyper_analysis{nullptr};
  std::optional<IntegerHyperSynthesis> hyper_synthesis;  // always there
  torch::Tensor log_gain, log_inverse_gain;              // [levels, latent]
  std::vector<entropy::FrequencyTable> y_tables;         // 64
  std::vector<entropy::FrequencyTable> z_tables;         // levels * hyper, by level
};

// Every tensor's name, type, shape and range is checked. Throws Error kModel.
[[nodiscard]] PhotoModel load_photo(const model::SafeTensors& file,
                                    torch::ScalarType precision = torch::kFloat32);

// A trainable network that starts from a model's weights (fine-tuning), with more residual blocks in g_a and
// g_s where `blocks` asks for them (0: the model's own). Throws Error kModel.
[[nodiscard]] TwoLevelVae trainable(const model::SafeTensors& file, const std::array<int, 3>& blocks = {});

}  // namespace vaec::nn
