// What coding needs of LibTorch: the gradients of efforts 3 to 9, and the `mnist` models. Everything else
// codes without it. A program either links these parts (vaec_codec_torch) or loads them from a module when
// they are first needed, as the vaec program does: LibTorch takes half a second to load.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <vector>

#include "model/safetensors.hpp"
#include "vaec/codec.hpp"

namespace vaec::codec {

// Betters the latent of one picture by gradient descent (codec/torch/refine.hpp). Thread-safe.
class Refiner {
 public:
  virtual ~Refiner() = default;
  // `y`: [rows][columns][latent] in rounding steps of `quality`, what g_a gives for the picture.
  virtual void refine(const Image& image, std::vector<float>& y, int rows, int columns, int quality,
                      int steps) const = 0;
};

struct TorchParts {
  std::unique_ptr<Refiner> (*make_refiner)(const model::SafeTensors& file, Precision precision);
  std::unique_ptr<Codec> (*make_mnist_codec)(const model::SafeTensors& file);
  Image (*sample)(const std::filesystem::path& model, int count, std::uint64_t seed);
};

// Defined by what is linked: codec/torch/parts.cpp, or the program's loader. Throws Error kInternal if they
// cannot be loaded.
[[nodiscard]] const TorchParts& torch_parts();

}  // namespace vaec::codec
