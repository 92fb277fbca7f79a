#include "codec/torch/refine.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "codec/torch/pixel_tensor.hpp"
#include "eval/ssimulacra2.hpp"
#include "image/read.hpp"
#include "model_files.hpp"
#include "nn/photo_file.hpp"
#include "temporary_folder.hpp"
#include "vaec/codec.hpp"

namespace vaec::codec {
namespace {

constexpr int kQuality = 60;

Image made_image(std::uint32_t width, std::uint32_t height) {
  std::mt19937 random(3);
  Image image{width, height, 3, {}};
  for (std::uint32_t y = 0; y < height; ++y) {
    for (std::uint32_t x = 0; x < width; ++x) {
      for (std::uint32_t c = 0; c < 3; ++c) {
        const double wave = std::sin(x * 0.05 + c) + std::cos(y * 0.04 - c);
        image.samples.push_back(static_cast<std::uint8_t>(128 + 40 * wave + static_cast<int>(random() % 17)));
      }
    }
  }
  return image;
}

// The shipped model: only a trained one has gradients that lead anywhere.
nn::TwoLevelVae frozen_vae() {
  auto vae = nn::trainable(model::SafeTensors::open(kPsnrModel));
  for (auto& p : vae->parameters()) p.set_requires_grad(false);
  return vae;
}

struct Coded {
  torch::Tensor x, y;
};

Coded analysed(nn::TwoLevelVae& vae, const Image& image, std::int64_t height, std::int64_t width) {
  const auto x = pixels(image, 0, 0, height, width);
  return {x, vae->analysis(x) * vae->gain(torch::full({1}, float{kQuality}), true)};
}

// What the encoder minimizes, in bits, over the picture's own pixels.
double cost(nn::TwoLevelVae& vae, const Image& image, const torch::Tensor& x, const torch::Tensor& y) {
  const auto out = vae->code(y, torch::full({1}, float{kQuality}), std::nullopt);
  const auto error = (out.x_hat - x).slice(2, 0, image.height).slice(3, 0, image.width).square().sum();
  return (out.y_bits.sum() + out.z_bits.sum()).item<double>() +
         vae->config().lambda(kQuality) * 255 * 255 / 3 * error.item<double>();
}

// data/sample.png, and its middle: of noise alone, of which no encoder keeps anything, there is nothing to better.
Image sample() {
  const std::string text = contents(VAEC_SOURCE_DIR "/data/sample.png");
  return image::read_rgb(std::as_bytes(std::span(text)), "sample.png");
}
Image sample_middle(std::uint32_t side) {
  const auto whole = sample();
  Image middle{side, side, 3, {}};
  const auto left = (whole.width - side) / 2, top = (whole.height - side) / 2;
  for (std::uint32_t y = 0; y < side; ++y) {
    const auto row = whole.samples.begin() + (std::ptrdiff_t{top + y} * whole.width + left) * 3;
    middle.samples.insert(middle.samples.end(), row, row + std::ptrdiff_t{side} * 3);
  }
  return middle;
}

// In real bits and pixels: the loss's estimate knows neither the tables nor what the trellis makes of them.
TEST(Refine, LowersRateAndDistortion) {
  constexpr int kHigh = 100;
  const auto codec = Codec::load(kPsnrModel);
  const auto image = sample();
  const auto weight = frozen_vae()->config().lambda(kHigh) / 3;
  const auto cost_of = [&](int effort) {
    const auto file = codec->compress(image, {.quality = kHigh, .effort = effort});
    const auto decoded = codec->decompress(file);
    double error = 0;
    for (std::size_t i = 0; i < image.samples.size(); ++i) {
      error += std::pow(int{image.samples[i]} - int{decoded.samples[i]}, 2);
    }
    return 8.0 * static_cast<double>(file.size()) + weight * error;
  };
  const double before = cost_of(2);
  for (const int effort : {3, 4}) EXPECT_LT(cost_of(effort), 0.99 * before) << effort;
}

// A model for the eye is refined for the eye: a higher score than in as many bytes without. The picture's sides fit no scale
// of the metric.
TEST(Refine, FollowsWhatTheModelWasTrainedFor) {
  constexpr int kLow = 40, kHigh = 50;
  const auto codec = Codec::load(kShippedModel);
  auto image = sample();
  image.height = 410;
  image.samples.resize(std::size_t{image.width} * image.height * image.channels);
  const auto coded = [&](int quality, int effort) {
    const auto file = codec->compress(image, {.quality = quality, .effort = effort, .guard = false});
    return std::pair(std::log(static_cast<double>(file.size())),
                     *eval::ssimulacra2(image, codec->decompress(file)));
  };
  const auto low = coded(kLow, 2), high = coded(kHigh, 2), refined = coded(kLow, 4);
  const double part = (refined.first - low.first) / (high.first - low.first);
  EXPECT_LT(part, 0.5);
  EXPECT_GT(refined.second, low.second + part * (high.second - low.second) + 0.5);
}

// Noise has nothing to be bettered, and what is lost on it in the relaxed problem must not be lost in the real one.
TEST(Refine, NeverDoesWorse) {
  auto vae = frozen_vae();
  for (const auto& image : {made_image(128, 128), sample_middle(192)}) {
    const auto [x, y] = analysed(vae, image, image.height, image.width);
    for (const int steps : {2, 4}) {
      EXPECT_LE(cost(vae, image, x, refine(*vae, image, y, kQuality, steps)), cost(vae, image, x, y));
    }
  }
}

TEST(Refine, CountsThePicturesOwnPixelsOnly) {
  auto vae = frozen_vae();
  const auto image = made_image(70, 65);  // padded to 80x80
  const auto [x, y] = analysed(vae, image, 80, 80);
  EXPECT_LT(cost(vae, image, x, refine(*vae, image, y, kQuality, 16)), cost(vae, image, x, y));
}

TEST(Refine, GivesTheSameTwice) {
  auto vae = frozen_vae();
  const auto image = made_image(64, 64);
  const auto y = analysed(vae, image, 64, 64).y;
  EXPECT_TRUE(torch::equal(refine(*vae, image, y, kQuality, 3), refine(*vae, image, y, kQuality, 3)));
}

// A picture of two windows: each refines its core with what surrounds it, and no latent is left out.
TEST(Refine, CoversEveryWindow) {
  auto vae = frozen_vae();
  const auto image = made_image(48, 16 * 53);  // 53 rows of latents, 3 columns
  const auto [x, y] = analysed(vae, image, 16 * 53, 48);
  const auto refined = refine(*vae, image, y, kQuality, 16);
  EXPECT_EQ(refined.sizes(), y.sizes());
  EXPECT_TRUE(torch::isfinite(refined).all().item<bool>());
  EXPECT_LT(cost(vae, image, x, refined), cost(vae, image, x, y));
}

}  // namespace
}  // namespace vaec::codec
