// The integer h_s: every kernel predicts what the plain sums in 32-bit integers do, bit by bit.
#include "infer/hyper_synthesis.hpp"

#include <gtest/gtest.h>

#include <random>

#include "infer/photo_model.hpp"
#include "integer_reference.hpp"
#include "model_files.hpp"
#include "nn/photo_file.hpp"
#include "nn/torch.hpp"
#include "vaec/codec.hpp"

namespace vaec::infer {
namespace {

constexpr int kQuality = 37;
constexpr const char* kModels[] = {kShippedModel, kTinyModel};

// What the coder is told, position by position, and what it answers.
struct Prediction {
  std::vector<std::int32_t> means, scales, latent;
  bool operator==(const Prediction&) const = default;
};

std::int32_t answer(std::int32_t mean, std::int32_t scale, std::size_t at) {
  const auto symbol = (at * 2654435761U >> 7) % 11 == 0 ? static_cast<std::int32_t>(at % 7) - 3 : 0;
  return mean + model::kMeanUnit * symbol * (1 + scale / 16);
}

HyperLatent made_hyper(int rows, int columns, int channels) {
  std::mt19937 random(11);
  HyperLatent z{rows, columns, channels, {}};
  for (int i = 0; i < rows * columns * channels; ++i) {
    z.values.push_back(
        static_cast<std::int8_t>(random() % 5 == 0 ? static_cast<int>(random() % 255) - 127 : 0));
  }
  return z;
}

LfImage made_lf(int rows, int columns, int channels) {
  std::mt19937 random(12);
  LfImage lf{rows, columns, channels, {}};
  for (int i = 0; i < rows * columns * channels; ++i) {
    const auto step = static_cast<std::int32_t>(random() % 9) - 4;
    lf.values.push_back(random() % 7 == 0 ? 1000 * step : step);
  }
  return lf;
}

Prediction predicted(const HyperSynthesis& h_s, const HyperLatent& z, const LfImage& lf,
                     const LatentBand& band, int latents) {
  const auto size = static_cast<std::size_t>(band.rows()) * static_cast<std::size_t>(band.columns) *
                    static_cast<std::size_t>(latents);
  Prediction p{std::vector<std::int32_t>(size), std::vector<std::int32_t>(size),
               std::vector<std::int32_t>(size)};
  const auto code = [&](std::size_t position, const std::int32_t* means, const std::uint8_t* scales,
                        std::int32_t* latent) {
    for (int c = 0; c < latents; ++c) {
      const auto at = position * static_cast<std::size_t>(latents) + static_cast<std::size_t>(c);
      p.means[at] = means[c];
      p.scales[at] = scales[c];
      latent[c] = answer(means[c], scales[c], at);
    }
  };
  h_s.run(z, lf, kQuality, band, {code, code}, p.latent.data());
  return p;
}

std::vector<std::int32_t> innermost(const torch::Tensor& x) {
  const auto dense = x.permute({0, 2, 3, 1}).contiguous();
  return {dense.data_ptr<std::int32_t>(), dense.data_ptr<std::int32_t>() + dense.numel()};
}

// The whole picture at once, through LibTorch.
Prediction expected(const nn::IntegerHyperSynthesis& h_s, const HyperLatent& z, const LfImage& lf,
                    int latents, nn::Sums sums) {
  const std::int64_t rows = lf.rows, columns = lf.columns;
  const std::int64_t h = z.rows, w = z.columns;
  auto values = torch::empty({1, h, w, z.channels + 1}, torch::kInt32);
  values.fill_(kQuality - model::kQualityCentre);
  values.slice(3, 0, z.channels)
      .copy_(
          torch::from_blob(const_cast<std::int8_t*>(z.values.data()), {1, h, w, z.channels}, torch::kInt8));
  const auto image = torch::from_blob(const_cast<std::int32_t*>(lf.values.data()),
                                      {1, rows, columns, lf.channels}, torch::kInt32)
                         .permute({0, 3, 1, 2});
  const auto features =
      nn::computed_features(h_s, values.permute({0, 3, 1, 2}).contiguous(), image, sums).contiguous();
  const auto first = nn::computed_first_pass(h_s, features, sums);
  auto prediction = first.clone();
  auto latent = torch::zeros({1, rows, columns, latents}, torch::kInt32);
  const auto code = [&](std::int64_t pass) {
    const auto flat = prediction.permute({0, 2, 3, 1}).contiguous();
    for (std::int64_t row = 0; row < rows; ++row) {
      for (std::int64_t column = (row + pass) % 2; column < columns; column += 2) {
        for (std::int64_t c = 0; c < latents; ++c) {
          const auto at = (row * columns + column) * latents + c;
          const auto* p = flat.data_ptr<std::int32_t>() + (row * columns + column) * 2 * latents;
          latent.data_ptr<std::int32_t>()[at] = answer(p[c], p[latents + c], static_cast<std::size_t>(at));
        }
      }
    }
  };
  code(0);
  const auto second = nn::computed_second_pass(h_s, features, first, latent.permute({0, 3, 1, 2}), sums);
  const auto odd = nn::odd_positions(rows, columns, torch::kInt32);
  prediction = first * (1 - odd) + second * odd;
  code(1);
  return {innermost(prediction.slice(1, 0, latents)),
          innermost(prediction.slice(1, latents)),
          {latent.data_ptr<std::int32_t>(), latent.data_ptr<std::int32_t>() + latent.numel()}};
}

std::vector<IntegerKernel> kernels_here() {
  std::vector<IntegerKernel> kernels{IntegerKernel::kFloat32};
  if (has_bf16()) kernels.push_back(IntegerKernel::kBFloat16);
  if (has_int8()) kernels.push_back(IntegerKernel::kInt8);
  return kernels;
}

TEST(HyperSynthesis, PredictsTheSameWithEveryKernel) {
  // Whole cells of z, and latents that end within them: with an even and an odd number of columns.
  constexpr std::pair<int, int> kSizes[] = {{12, 20}, {11, 19}, {10, 18}, {9, 17}, {12, 1},
                                            {1, 20},  {1, 1},   {2, 1},   {1, 2},  {21, 27}};
  for (const auto* name : kModels) {
    const auto file = model::SafeTensors::open(name);
    const auto vae = nn::trainable(file);
    const auto reference = vae->hyper_synthesis->quantized();
    const int latents = vae->config().latent;
    const auto lf_channels = static_cast<int>(vae->config().lf.size());
    std::vector<HyperLatent> z;
    std::vector<LfImage> lf;
    std::vector<Prediction> plain;
    for (const auto& [rows, columns] : kSizes) {
      z.push_back(made_hyper((rows + 3) / 4, (columns + 3) / 4, vae->config().hyper));
      lf.push_back(made_lf(rows, columns, lf_channels));
      plain.push_back(expected(reference, z.back(), lf.back(), latents, nn::Sums::kInt32));
      EXPECT_EQ(plain.back(), expected(reference, z.back(), lf.back(), latents, nn::Sums::kFloat64));
    }
    for (const auto kernel : kernels_here()) {
      const PhotoModel model(file, Number::kF32, kernel);
      for (std::size_t i = 0; i < plain.size(); ++i) {
        const auto [rows, columns] = kSizes[i];
        EXPECT_TRUE(predicted(model.hyper_synthesis(), z[i], lf[i], {0, rows, columns}, latents) == plain[i])
            << name << ", kernel " << static_cast<int>(kernel) << ", " << rows << "x" << columns;
      }
    }
  }
}

// A band's features are those of the whole picture; its context ends where it ends.
TEST(HyperSynthesis, PredictsABandAlone) {
  const auto file = model::SafeTensors::open(kModels[1]);
  const PhotoModel model(file, Number::kF32);
  const int latents = model.config().latent;
  const auto z = made_hyper(12, 3, model.config().hyper);
  for (const int columns : {9, 12}) {
    const auto lf = made_lf(47, columns, static_cast<int>(model.config().lf.size()));
    const auto whole = predicted(model.hyper_synthesis(), z, lf, {0, 47, columns}, latents);
    for (const auto& [top, bottom] : {std::pair{16, 32}, {14, 47}, {46, 47}, {0, 3}}) {
      const auto band = predicted(model.hyper_synthesis(), z, lf, {top, bottom, columns}, latents);
      // Even positions know nothing of the latent: they agree to the last row.
      for (int row = 0; row < bottom - top; ++row) {
        for (int column = row % 2; column < columns; column += 2) {
          for (int c = 0; c < latents; ++c) {
            const auto in_band = static_cast<std::size_t>((row * columns + column) * latents + c);
            const auto in_whole = static_cast<std::size_t>(((row + top) * columns + column) * latents + c);
            ASSERT_EQ(band.means[in_band], whole.means[in_whole]);
            ASSERT_EQ(band.scales[in_band], whole.scales[in_whole]);
          }
        }
      }
    }
  }
}

}  // namespace
}  // namespace vaec::infer
