// What a Gaussian VAE is made of.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace vaec::nn {

enum class Net {
  kConv,   // convolutions, then dense layers
  kDense,  // dense layers alone, as in textbooks
};
enum class Activation { kSilu, kRelu, kTanh, kSigmoid };  // of the dense layers; convolutions have SiLU

struct GaussianVaeConfig {
  static constexpr int kMaxSide = 64;
  static constexpr int kMaxLatent = 256;
  static constexpr int kMaxChannels = 128;
  static constexpr int kMaxHidden = 4096;                  // units of a dense layer
  static constexpr int kMaxHiddenLayers = 8;               // on each side
  static constexpr std::int64_t kMaxWeights = 40'000'000;  // of the dense layers
  static constexpr double kMaxDropout = 0.9;

  int rows = 28, columns = 28;  // 1 to 64 each
  int colours = 1;              // 1: grey, 3: RGB
  int latent = 32;              // numbers in the latent
  Net net = Net::kConv;
  int channels = 16;  // of the convolutions at half resolution; twice that at a quarter
  std::vector<int> hidden{
      256, 256};  // units of the encoder's dense layers; the decoder has them the other way round
  Activation activation = Activation::kSilu;
  double dropout = 0;  // share of the hidden units that training leaves out of each step

  bool operator==(const GaussianVaeConfig&) const = default;

  [[nodiscard]] std::int64_t features() const;  // that the dense layers see of a picture
};

// Throws Error kModel, naming the member and its limits.
void check_config(const GaussianVaeConfig& config);

// As JSON, in the model file's metadata, and back. All members must be there but `dropout`, which training alone needs.
// Throws Error kModel.
[[nodiscard]] std::string to_json(const GaussianVaeConfig& config);
[[nodiscard]] GaussianVaeConfig parse_gaussian_vae_config(const std::string& json);

// "conv", "dense"; "silu", "relu", "tanh", "sigmoid", and back. The first two throw Error kModel for another name.
[[nodiscard]] Net net_from(const std::string& name);
[[nodiscard]] Activation activation_from(const std::string& name);
[[nodiscard]] const char* name_of(Net net);
[[nodiscard]] const char* name_of(Activation activation);

}  // namespace vaec::nn
