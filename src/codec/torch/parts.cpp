#include "codec/torch/parts.hpp"

#include <cstring>

#include "codec/torch/generator.hpp"
#include "codec/torch/mnist_codec.hpp"
#include "codec/torch/refine.hpp"
#include "codec/torch/restore.hpp"
#include "codec/torch/threads.hpp"
#include "nn/photo_file.hpp"
#include "nn/precision.hpp"
#include "nn/torch.hpp"

namespace vaec::codec {
namespace {

class TorchRefiner : public Refiner {
 public:
  explicit TorchRefiner(const model::SafeTensors& file)
      : vae_(nn::trainable(file)), precision_(nn::fastest_type()) {
    for (auto& p : vae_->parameters()) p.set_requires_grad(false);
  }

  void refine(const ImageView& image, std::vector<float>& y, int rows, int columns, int quality,
              int steps) const override {
    keep_callers_threads();
    const auto channels = static_cast<std::int64_t>(y.size()) / rows / columns;
    const auto start = torch::from_blob(y.data(), {1, rows, columns, channels}).permute({0, 3, 1, 2}).clone();
    const auto refined = codec::refine(*vae_, image, start, quality, steps, precision_);
    const auto out = refined.permute({0, 2, 3, 1}).contiguous();
    std::memcpy(y.data(), out.data_ptr<float>(), y.size() * sizeof(float));
  }

 private:
  mutable nn::TwoLevelVae vae_;
  torch::ScalarType precision_;
};

}  // namespace

const TorchParts& linked_torch_parts() {
  static const TorchParts parts{[](const model::SafeTensors& file) -> std::unique_ptr<Refiner> {
                                  keep_callers_threads();
                                  return std::make_unique<TorchRefiner>(file);
                                },
                                [](const model::SafeTensors& file) -> std::unique_ptr<Codec> {
                                  keep_callers_threads();
                                  return make_mnist_codec(file);
                                },
                                [](const model::SafeTensors& file, int threads) {
                                  use_threads(threads);
                                  return make_generator(file);
                                },
                                [](const model::SafeTensors& file) {
                                  keep_callers_threads();
                                  return make_restorer(file);
                                }};
  return parts;
}

}  // namespace vaec::codec
