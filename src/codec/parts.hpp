// The parts of the codec that a program links or, as the vaec program does, loads from modules when they are
// first needed: they bring libraries along that take long to load, or must be told something before they are.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "model/safetensors.hpp"
#include "vaec/codec.hpp"

namespace vaec::codec {

// Betters the latent of one picture by gradient descent (codec/torch/refine.hpp). Thread-safe.
class Refiner {
 public:
  virtual ~Refiner() = default;
  // `y`: [rows][columns][latent] in rounding steps of `quality`, what g_a gives for the picture.
  virtual void refine(const ImageView& image, std::vector<float>& y, int rows, int columns, int quality,
                      int steps) const = 0;
};

// A generative model of small pictures: z ~ N(0, I) -> picture, and what it knows of the z of a picture.
class Generator {
 public:
  virtual ~Generator() = default;
  [[nodiscard]] virtual Size size() const = 0;   // of its pictures, which are grey
  [[nodiscard]] virtual int latent() const = 0;  // numbers in z

  struct Posterior {
    std::vector<float> mean, deviation;  // [latent], of a normal distribution for each number
  };
  // Throws Error kUnreadable: the model knows no such pictures.
  [[nodiscard]] virtual Posterior encode(const ImageView& image) const = 0;
  // z: [count][latent] -> so many pictures.
  [[nodiscard]] virtual std::vector<Image> decode(std::span<const float> z) const = 0;
};

// A picture in a few numbers, as many for every one: to search, cluster or classify by. Thread-safe.
class Embedder {
 public:
  virtual ~Embedder() = default;
  [[nodiscard]] virtual int dimension() const = 0;  // how many numbers
  // Throws Error: kUnreadable (the model knows no such pictures), kLimit, kUsage.
  [[nodiscard]] virtual std::vector<float> embed(const ImageView& image, int threads,
                                                 const Limits& limits) const = 0;
};

// The `photo` codec: oneDNN, and OpenMP below it.
struct PhotoParts {
  std::unique_ptr<Codec> (*make_photo_codec)(const model::SafeTensors& file);
  std::unique_ptr<Embedder> (*make_photo_embedder)(const model::SafeTensors& file);
};

// The codec that needs no model: OpenMP.
struct LosslessParts {
  std::unique_ptr<Codec> (*make_lossless_codec)();
};

// What needs LibTorch: the gradients of efforts 3 to 9, and the `mnist` models.
struct TorchParts {
  std::unique_ptr<Refiner> (*make_refiner)(const model::SafeTensors& file);
  std::unique_ptr<Codec> (*make_mnist_codec)(const model::SafeTensors& file);
  std::unique_ptr<Generator> (*make_generator)(const model::SafeTensors& file, int threads);
};

// Defined by what is linked: the parts themselves (codec/linked.cpp, codec/torch/linked.cpp), or their loader
// in plugin. Throw Error kInternal if they cannot be loaded.
[[nodiscard]] const PhotoParts& photo_parts();
[[nodiscard]] const LosslessParts& lossless_parts();
[[nodiscard]] const TorchParts& torch_parts();

}  // namespace vaec::codec
