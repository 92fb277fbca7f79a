// From the trained g_s to the integer one that codes (model/synthesis_layers.hpp).
#pragma once

#include <vector>

#include "model/synthesis_layers.hpp"
#include "nn/torch.hpp"
#include "nn/two_level_vae.hpp"

namespace vaec::nn {

// Latents as they are decoded, in 1/16 of a rounding step of `quality`: int32 [N, latent, h, w].
struct DecodedLatent {
  torch::Tensor y;
  int quality;
};

// Layer after layer: ranges as large as `latents` need, then weights of 8 bits, each rounded so that those to follow make
// up for its error (Frantar 2022, "GPTQ"), towards what the float network gives where this one gets what the integer
// layers before it gave. Deterministic on one machine; an hour of pixels takes no longer than a minute.
[[nodiscard]] model::SynthesisLayers quantize_synthesis(TwoLevelVae& vae,
                                                        const std::vector<DecodedLatent>& latents);

// What quantization-aware training begins with (Jacob 2018): the weights of `vae`'s g_s become what quantize_synthesis()
// would round them to, and keep to that grid from now on (Synthesis::set_grid), which quantize_synthesis() then takes
// them from as they are.
void put_on_grid(TwoLevelVae& vae, const std::vector<DecodedLatent>& latents);

// The integer g_s computed plainly, through LibTorch: what the kernels of infer are compared with. y: int32 [1, latent, h, w]
// in 1/16 of a rounding step -> int32 [1, 3, 16h, 16w] in 1/64 of a code value.
[[nodiscard]] torch::Tensor integer_synthesis(const model::SynthesisLayers& layers, const torch::Tensor& y,
                                              int quality);

}  // namespace vaec::nn
