// The parts of the codec that a program links or, as the vaec program does, loads from modules when they are
// first needed: they bring libraries along that take long to load, or must be told something before they are.
#pragma once

#include <cstdint>
#include <functional>
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
  [[nodiscard]] virtual Size size() const = 0;               // of its pictures
  [[nodiscard]] virtual std::uint32_t channels() const = 0;  // 1: grey, 3: RGB
  [[nodiscard]] virtual int latent() const = 0;              // numbers in z

  struct Posterior {
    std::vector<float> mean, deviation;  // [latent], of a normal distribution for each number
  };
  // Throws Error kUnreadable: the model knows no such pictures.
  [[nodiscard]] virtual Posterior encode(const ImageView& image) const = 0;
  // z: [count][latent] -> so many pictures.
  [[nodiscard]] virtual std::vector<Image> decode(std::span<const float> z) const = 0;
};

// What of a picture is not to be trusted.
struct Damage {
  std::vector<bool> missing;  // [height][width], true: the pixel is missing; empty: none is
  double noise = 0;           // standard deviation of white Gaussian noise on the others, of samples 0..255
};

// Makes good what a picture lacks, by what a model knows of pictures (codec/torch/restore.hpp). Thread-safe.
class Restorer {
 public:
  using Progress = std::function<void(int done, int of)>;  // steps

  virtual ~Restorer() = default;
  // The picture's colours restored, without alpha and metadata; without noise known pixels keep all their bits. Alpha does
  // not count. `threads`: 0, as many as there are processors. Throws Error: kUsage (nothing is damaged, a mask of another
  // size), kUnreadable (the model knows no such pictures, all pixels are missing), kInterrupted.
  [[nodiscard]] virtual Image restore(const ImageView& image, const Damage& damage, int threads = 1,
                                      const Progress& progress = {}) const = 0;
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
  std::unique_ptr<Restorer> (*make_restorer)(const model::SafeTensors& file);
};

// Defined by what is linked: the parts themselves (codec/linked.cpp, codec/torch/linked.cpp), or their loader
// in plugin. Throw Error kInternal if they cannot be loaded.
[[nodiscard]] const PhotoParts& photo_parts();
[[nodiscard]] const LosslessParts& lossless_parts();
[[nodiscard]] const TorchParts& torch_parts();

}  // namespace vaec::codec
