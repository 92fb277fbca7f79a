// A small two-level VAE for tests: closed-form transforms over made pictures, random entropy networks.
#pragma once

#include "nn/latent_statistics.hpp"
#include "nn/torch.hpp"
#include "nn/two_level_vae.hpp"

namespace vaec::nn {

inline model::PhotoConfig tiny_config() {
  model::PhotoConfig config;
  config.latent = 12;
  config.hyper = 4;
  config.hyper_width = 8;
  config.context_width = 4;
  config.levels = 3;
  config.lambda_min = 0.0012;
  config.lambda_max = 0.2;
  config.analysis = {{4, 6, 8}, {1, 0, 1}};
  config.synthesis = {{4, 6, 8}, {0, 1, 1}};
  return config;
}

// Smooth colours (what 12 principal components of a 16x16 block hold) with some noise:
// float32 [count, 3, size, size] in 0..1.
inline torch::Tensor made_pictures(std::int64_t count, std::int64_t size) {
  const auto coarse = torch::rand({count, 3, 2, 2});
  const auto smooth = torch::upsample_bilinear2d(coarse, {size, size}, true);
  return (smooth + 0.05 * torch::randn({count, 3, size, size}))
      .clamp(0, 1)
      .contiguous(at::MemoryFormat::ChannelsLast);
}

// The nonlinear branches get random last layers, so that they count, too.
inline TwoLevelVae tiny_vae(const model::PhotoConfig& config = tiny_config()) {
  torch::manual_seed(7);
  TwoLevelVae vae(config);
  vae->set_closed_form(made_pictures(200, 16));
  const torch::NoGradGuard no_grad;
  for (auto& p : vae->named_parameters()) {
    if (p.key() == "g_a.last.weight" || p.key() == "g_s.last.weight") p.value().normal_(0, 0.001);
    if (p.key() == "g_s.skip.weight" || p.key() == "g_a.skip.weight") p.value().normal_(0, 0.3);
  }
  return vae;
}

// What its latents over made pictures give.
inline LatentStatistics tiny_statistics(TwoLevelVae& vae) {
  torch::manual_seed(8);
  const torch::NoGradGuard no_grad;
  LatentStatistics statistics(vae->config());
  for (const int q : {1, 50, 100}) {
    const auto quality = torch::full({1}, static_cast<float>(q));
    for (int i = 0; i < 4; ++i) {
      const auto y = vae->analysis(made_pictures(1, 256)) * vae->gain(quality, true);
      statistics.add(y, vae->predict(y, quality, std::nullopt), q);
    }
  }
  statistics.fit();
  return statistics;
}

}  // namespace vaec::nn
