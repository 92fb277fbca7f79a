// The transforms on oneDNN against LibTorch's, and streamed against whole.
#include <gtest/gtest.h>
#include <omp.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "infer/photo_model.hpp"
#include "model_files.hpp"
#include "nn/photo_file.hpp"
#include "nn/synthesis_quantizer.hpp"
#include "nn/torch.hpp"
#include "nn/two_level_vae.hpp"
#include "temporary_folder.hpp"
#include "tiny_vae.hpp"
#include "vaec/options.hpp"

namespace vaec::infer {
namespace {

constexpr int kTransformQuality = 60;

// A small model whose transforms have skips, `blocks` at 1/4 and, in g_s, no others.
std::string model_with_skip(int blocks) {
  auto config = nn::tiny_config();
  config.synthesis.blocks = {blocks, 0, 0};
  config.analysis.blocks[0] = blocks;
  config.analysis.skip = config.synthesis.skip = true;
  auto vae = nn::tiny_vae(config);
  static const TemporaryFolder folder;
  const auto file = folder / ("skip" + std::to_string(blocks) + ".safetensors");
  nn::save_photo(vae, file, "{}");
  return file.string();
}

const std::vector<std::string>& models() {
  static const std::vector<std::string> files{kShippedModel, kTinyModel, model_with_skip(0),
                                              model_with_skip(1)};
  return files;
}

// Whole hyper-latents and parts of them, in odd and even numbers; a single row, a single column.
constexpr std::pair<int, int> kGrids[] = {{8, 12}, {7, 9}, {6, 5},  {1, 7}, {9, 1},
                                          {2, 3},  {1, 1}, {13, 1}, {15, 1}};

struct Pair {
  explicit Pair(const std::string& file)
      : vae(nn::trainable(model::SafeTensors::open(file))),
        model(model::SafeTensors::open(file), Number::kF32),
        layers(model::load_synthesis_layers(model::SafeTensors::open(file), model.config())) {}
  nn::TwoLevelVae vae;
  PhotoModel model;
  model::SynthesisLayers layers;
  [[nodiscard]] int latent() const { return model.config().latent; }
};

// Sparse integers, as latents are: [rows][columns][channels].
std::vector<std::int32_t> made_latent(int rows, int columns, int channels) {
  std::mt19937 random(3);
  std::vector<std::int32_t> values(static_cast<std::size_t>(rows) * columns * channels);
  for (auto& v : values) v = random() % 8 == 0 ? static_cast<std::int32_t>(random() % 129) - 64 : 0;
  return values;
}

std::vector<std::int16_t> synthesised(const PhotoModel& model, const std::vector<std::int32_t>& latent,
                                      int rows, int columns, int rows_at_once,
                                      int quality = kTransformQuality) {
  const auto line = static_cast<std::size_t>(columns) * model.config().latent;
  std::vector<std::int16_t> pixels;
  int next = 0;
  SynthesisRun run(model.synthesis(), quality, rows, columns,
                   [&](int row, std::span<const std::int16_t> rgb) {
                     EXPECT_EQ(row, next++);
                     pixels.insert(pixels.end(), rgb.begin(), rgb.end());
                   });
  for (int row = 0; row < rows; row += rows_at_once) {
    run.push(latent.data() + static_cast<std::size_t>(row) * line, std::min(rows_at_once, rows - row), line);
  }
  EXPECT_EQ(next, rows * model::kLatentStride);
  return pixels;
}

float largest_difference(const std::vector<float>& a, const std::vector<float>& b) {
  EXPECT_EQ(a.size(), b.size());
  float largest = 0;
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
    const float difference = std::abs(a[i] - b[i]);
    if (!(difference <= largest)) largest = difference;
    if (std::isnan(largest)) break;  // larger than any bound
  }
  return largest;
}

std::vector<float> channels_innermost(const torch::Tensor& x) {
  const auto dense = x.permute({0, 2, 3, 1}).contiguous();
  return {dense.data_ptr<float>(), dense.data_ptr<float>() + dense.numel()};
}

// To the last bit, whatever this processor computes with (and as the tests' other runs have it: infer.on_*).
TEST(Synthesis, IsTheIntegerNetwork) {
  const torch::NoGradGuard no_grad;
  for (const auto& file : models()) {
    Pair pair(file);
    for (const auto& [rows, columns] : kGrids) {
      for (const int quality : {kMinQuality, kTransformQuality, kMaxQuality}) {
        auto latent = made_latent(rows, columns, pair.latent());
        for (std::size_t i = 0; i < latent.size(); i += 97) latent[i] *= 5000;  // beyond all bounds
        const auto y = torch::from_blob(latent.data(), {1, rows, columns, pair.latent()}, torch::kInt32)
                           .permute({0, 3, 1, 2});
        const auto expected = nn::integer_synthesis(pair.layers, y, quality)
                                  .permute({0, 2, 3, 1})
                                  .to(torch::kInt16)
                                  .contiguous();
        const std::vector<std::int16_t> values(expected.data_ptr<std::int16_t>(),
                                               expected.data_ptr<std::int16_t>() + expected.numel());
        EXPECT_EQ(synthesised(pair.model, latent, rows, columns, rows, quality), values)
            << file << " " << rows << "x" << columns << ", quality " << quality;
      }
    }
  }
}

// Rows that stream by in strips of any height, on any number of threads, give the whole picture's result.
TEST(Synthesis, GivesTheSameInStrips) {
  for (const auto& file : models()) {
    Pair pair(file);
    for (const auto& [rows, columns] : {std::pair{20, 8}, {19, 7}, {15, 1}}) {
      const auto latent = made_latent(rows, columns, pair.latent());
      const auto whole = synthesised(pair.model, latent, rows, columns, rows);
      for (const int strip : {1, 2, 3, 7, 13}) {
        const auto threads = omp_get_max_threads();
        omp_set_num_threads(strip % 4 + 1);
        EXPECT_EQ(synthesised(pair.model, latent, rows, columns, strip), whole)
            << file << " " << rows << "x" << columns << ", strips of " << strip;
        omp_set_num_threads(threads);
      }
    }
  }
}

// More rows than a strip holds, for a wide picture.
TEST(Synthesis, GivesTheSameForPicturesOfManyStrips) {
  Pair pair(models()[1]);
  const int rows = 64, columns = 256;
  const auto latent = made_latent(rows, columns, pair.latent());
  EXPECT_EQ(synthesised(pair.model, latent, rows, columns, rows),
            synthesised(pair.model, latent, rows, columns, 5));
}

std::vector<float> analysed(const PhotoModel& model, const std::vector<float>& pixels, int rows,
                            int columns) {
  const auto line = static_cast<std::size_t>(columns) * model::kLatentStride * 3;
  std::vector<float> y;
  model.analysis().run(
      kTransformQuality, rows, columns,
      [&](int row, float* rgb) {
        std::copy_n(pixels.begin() + static_cast<std::ptrdiff_t>(static_cast<std::size_t>(row) * line), line,
                    rgb);
      },
      [&](int first, int count, const float* values) {
        const auto values_a_row = static_cast<std::size_t>(columns) * model.config().latent;
        EXPECT_EQ(static_cast<std::size_t>(first) * values_a_row, y.size());
        y.insert(y.end(), values, values + static_cast<std::size_t>(count) * values_a_row);
      });
  return y;
}

std::vector<float> made_pixels(int height, int width) {
  std::mt19937 random(8);
  std::vector<float> pixels;
  for (int row = 0; row < height; ++row) {
    for (int i = 0; i < width * 3; ++i) {
      pixels.push_back(
          std::round(128 + 60 * std::sin(row * 0.05F + i * 0.01F) + static_cast<float>(random() % 20)));
    }
  }
  return pixels;
}

// What was trained, to less than half a code value.
TEST(Synthesis, IsNearTheFloatNetwork) {
  const torch::NoGradGuard no_grad;
  Pair pair(kShippedModel);
  // Of a picture: what no picture has, g_s may answer as it likes.
  std::vector<std::int32_t> latent;
  for (const float y : analysed(pair.model, made_pixels(128, 128), 8, 8)) {
    latent.push_back(model::kMeanUnit * static_cast<std::int32_t>(std::lround(y)));
  }
  const auto quality = torch::full({1}, float{kTransformQuality});
  const auto y = torch::from_blob(latent.data(), {1, 8, 8, pair.latent()}, torch::kInt32)
                     .to(torch::kFloat32)
                     .permute({0, 3, 1, 2}) /
                 model::kMeanUnit * pair.vae->gain(quality, false);
  const auto expected = channels_innermost(pair.vae->synthesis(y, nn::quality_plane(quality, 8, 8)) * 255);
  const auto pixels = synthesised(pair.model, latent, 8, 8, 8);
  ASSERT_EQ(pixels.size(), expected.size());
  double sum = 0;
  for (std::size_t i = 0; i < pixels.size(); ++i)
    sum += std::pow(static_cast<double>(pixels[i]) / model::kPixelUnit - expected[i], 2);
  EXPECT_GT(sum, 0);
  EXPECT_LT(sum / static_cast<double>(pixels.size()), 0.25);
}

// Also pictures of several strips: 2048 positions each.
TEST(Analysis, IsLibTorchs) {
  const torch::NoGradGuard no_grad;
  for (const auto& file : models()) {
    Pair pair(file);
    std::vector<std::pair<int, int>> grids(std::begin(kGrids), std::end(kGrids));
    grids.emplace_back(44, 64);
    grids.emplace_back(45, 65);
    for (const auto& [rows, columns] : grids) {
      auto pixels = made_pixels(rows * 16, columns * 16);
      const auto x =
          torch::from_blob(pixels.data(), {1, rows * 16, columns * 16, 3}).permute({0, 3, 1, 2}) / 255;
      const auto y = pair.vae->analysis(x) * pair.vae->gain(torch::full({1}, float{kTransformQuality}), true);
      EXPECT_LT(largest_difference(channels_innermost(y), analysed(pair.model, pixels, rows, columns)), 0.01)
          << file << " " << rows << "x" << columns;
    }
  }
}

TEST(HyperAnalysis, IsLibTorchs) {
  const torch::NoGradGuard no_grad;
  for (const auto& file : models()) {
    Pair pair(file);
    std::vector<std::pair<int, int>> grids(std::begin(kGrids), std::end(kGrids));
    grids.emplace_back(24, 16);
    for (const auto& grid : grids) {
      const int rows = grid.first, columns = grid.second;
      const auto latent = made_latent(rows, columns, pair.latent());
      std::vector<float> y(latent.size());
      std::transform(latent.begin(), latent.end(), y.begin(),
                     [](auto v) { return static_cast<float>(v) / 7; });
      const auto tensor = torch::from_blob(y.data(), {1, rows, columns, pair.latent()}).permute({0, 3, 1, 2});
      const auto plane = nn::quality_plane(torch::full({1}, float{kTransformQuality}), rows, columns);
      const auto of_torch = pair.vae->hyper_analysis(tensor, plane);
      EXPECT_EQ(of_torch.size(2), (rows + 3) / 4);
      EXPECT_EQ(of_torch.size(3), (columns + 3) / 4);
      const auto expected = channels_innermost(of_torch);
      for (const int strip : {1, 5, rows}) {
        std::vector<float> z;
        HyperAnalysisRun run(pair.model.hyper_analysis(), kTransformQuality, rows, columns,
                             [&](int, const float* row) {
                               z.insert(z.end(), row, row + (columns + 3) / 4 * pair.model.config().hyper);
                             });
        const auto line = static_cast<std::size_t>(columns) * pair.latent();
        for (int row = 0; row < rows; row += strip) {
          run.push(std::min(strip, rows - row), y.data() + static_cast<std::size_t>(row) * line);
        }
        EXPECT_LT(largest_difference(expected, z), 0.01)
            << file << " " << rows << "x" << columns << ", strips of " << strip;
      }
    }
  }
}

}  // namespace
}  // namespace vaec::infer
