#include "codec/torch/sample.hpp"

#include <ATen/CPUGeneratorImpl.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "codec/torch/threads.hpp"
#include "model/model_file.hpp"
#include "model/safetensors.hpp"
#include "nn/gaussian_vae_file.hpp"
#include "nn/torch.hpp"
#include "vaec/error.hpp"

namespace vaec::codec {
namespace {

constexpr int kMaxCount = 10000;
constexpr int kBorder = 2;
constexpr std::uint8_t kBorderGrey = 96;
constexpr int kBatch = 256;  // images decoded at once: bounds the memory

}  // namespace

Image sample(const std::filesystem::path& model, int count, std::uint64_t seed, int threads) {
  if (count < 1 || count > kMaxCount) {
    throw Error(ErrorCode::kUsage,
                "cannot draw " + std::to_string(count) + " images, expected 1.." + std::to_string(kMaxCount));
  }
  use_threads(threads);
  const auto file = model::SafeTensors::open(model);
  const auto architecture = model::architecture(file);
  if (architecture != nn::kGaussianVaeArchitecture) {
    throw Error(ErrorCode::kModel, model.string() + ": a model of the architecture '" + architecture +
                                       "' cannot generate images, only one of 'mnist' can");
  }
  auto vae = nn::load_gaussian_vae(file).vae;
  const c10::InferenceMode inference;
  const int rows = vae->config().rows, columns = vae->config().columns;
  const int per_row = static_cast<int>(std::ceil(std::sqrt(count)));
  const int grid_rows = (count + per_row - 1) / per_row;

  Image grid;
  grid.width = static_cast<std::uint32_t>(per_row * (columns + kBorder) + kBorder);
  grid.height = static_cast<std::uint32_t>(grid_rows * (rows + kBorder) + kBorder);
  grid.channels = 1;
  grid.samples.assign(std::size_t{grid.width} * grid.height, kBorderGrey);

  auto generator = at::make_generator<at::CPUGeneratorImpl>(seed);
  const auto z = torch::randn({count, vae->config().latent}, generator);
  for (int first = 0; first < count; first += kBatch) {
    const int batch = std::min(kBatch, count - first);
    const auto pixels = nn::to_bytes(vae->decode(z.narrow(0, first, batch))).contiguous();
    const auto* from = pixels.data_ptr<std::uint8_t>();
    for (int i = first; i < first + batch; ++i) {
      const int top = i / per_row * (rows + kBorder) + kBorder,
                left = i % per_row * (columns + kBorder) + kBorder;
      for (int y = 0; y < rows; ++y, from += columns) {
        std::copy_n(from, columns,
                    grid.samples.begin() + (top + y) * static_cast<std::ptrdiff_t>(grid.width) + left);
      }
    }
  }
  return grid;
}

}  // namespace vaec::codec
