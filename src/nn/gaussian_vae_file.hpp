// The `mnist` model file: weights of the Gaussian VAE and the grid that its latent is coded on.
#pragma once

#include <filesystem>
#include <string>

#include "model/safetensors.hpp"
#include "nn/gaussian_vae.hpp"
#include "nn/latent_grid.hpp"

namespace vaec::nn {

inline constexpr const char* kGaussianVaeArchitecture = "mnist";

// Writes `vae` (on any device) and `grid`, with `card` (JSON text) in the metadata. Throws Error kWrite.
void save_gaussian_vae(const std::filesystem::path& file, const GaussianVae& vae, const LatentGrid& grid,
                       const std::string& card);

struct LoadedGaussianVae {
  GaussianVae vae{nullptr};  // on the CPU, in evaluation mode, no gradients
  LatentGrid grid;
};

// Throws Error kModel: another architecture, a config out of its limits, a tensor missing, too many, of a
// wrong shape or dtype, a weight that is not finite.
[[nodiscard]] LoadedGaussianVae load_gaussian_vae(const model::SafeTensors& file);

}  // namespace vaec::nn
