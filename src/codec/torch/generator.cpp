#include "codec/torch/generator.hpp"

#include <algorithm>
#include <string>

#include "codec/torch/small_picture.hpp"
#include "codec/torch/threads.hpp"
#include "model/model_file.hpp"
#include "nn/gaussian_vae_file.hpp"
#include "nn/torch.hpp"
#include "vaec/error.hpp"

namespace vaec::codec {
namespace {

constexpr std::int64_t kBatch = 256;  // pictures decoded at once: bounds the memory

class GaussianGenerator : public Generator {
 public:
  explicit GaussianGenerator(const model::SafeTensors& file) : vae_(nn::load_gaussian_vae(file).vae) {}

  Size size() const override {
    return {static_cast<std::uint32_t>(vae_->config().columns),
            static_cast<std::uint32_t>(vae_->config().rows)};
  }
  std::uint32_t channels() const override { return static_cast<std::uint32_t>(vae_->config().colours); }
  int latent() const override { return vae_->config().latent; }

  Posterior encode(const ImageView& image) const override {
    const c10::InferenceMode inference;
    const auto [mean, log_variance] = vae_.ptr()->encode(small_picture(image, vae_->config()));
    const auto values = [](const torch::Tensor& t) {
      const auto flat = t.contiguous();
      return std::vector<float>(flat.data_ptr<float>(), flat.data_ptr<float>() + flat.numel());
    };
    return {values(mean), values((0.5 * log_variance).exp())};
  }

  std::vector<Image> decode(std::span<const float> z) const override {
    const c10::InferenceMode inference;
    const auto count = static_cast<std::int64_t>(z.size()) / latent();
    const auto all = torch::from_blob(const_cast<float*>(z.data()), {count, latent()});
    const auto samples = std::size_t{size().width} * size().height * channels();
    std::vector<Image> pictures;
    for (std::int64_t first = 0; first < count; first += kBatch) {
      const auto batch = std::min(kBatch, count - first);
      const auto bytes = samples_of(vae_.ptr()->decode(all.narrow(0, first, batch)), channels());
      const auto* from = bytes.data_ptr<std::uint8_t>();
      for (std::int64_t i = 0; i < batch; ++i, from += samples)
        pictures.push_back({size().width, size().height, channels(), {from, from + samples}});
    }
    return pictures;
  }

 private:
  nn::GaussianVae vae_;  // its functions change nothing, but are not const
};

}  // namespace

std::unique_ptr<Generator> make_generator(const model::SafeTensors& file) {
  const auto architecture = model::architecture(file);
  if (architecture != nn::kGaussianVaeArchitecture) {
    throw Error(ErrorCode::kModel, "a model of the architecture '" + architecture +
                                       "' cannot generate pictures, only one of 'mnist' can");
  }
  return std::make_unique<GaussianGenerator>(file);
}

}  // namespace vaec::codec
