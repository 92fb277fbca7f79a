#include "model/synthesis_layers.hpp"

#include <gtest/gtest.h>

#include <functional>

#include "vaec/error.hpp"
#include "vaec/options.hpp"

namespace vaec::model {
namespace {

PhotoConfig small_config() {
  PhotoConfig config;
  config.latent = 4;
  config.synthesis = {{4, 6, 8}, {1, 0, 1}, true};
  return config;
}

SynthesisLayers zeros(const PhotoConfig& config) {
  auto layers = synthesis_shape(config);
  const auto latent = static_cast<std::size_t>(config.latent);
  layers.gain = {std::vector<std::int32_t>(latent * kMaxQuality, 1), std::vector<std::int32_t>(latent, 1)};
  layers.stem_quality.resize(static_cast<std::size_t>(layers.stem.out));
  for_each_layer(layers, [](const std::string&, auto& layer) {
    const auto out = static_cast<std::size_t>(layer.out);
    layer.weight.resize(out * static_cast<std::size_t>(layer.in * layer.kernel * layer.kernel));
    layer.bias.resize(out);
    if constexpr (requires { layer.multiplier; }) {
      layer.multiplier.resize(out, 1);
      if (layer.sees_stream) layer.input.resize(static_cast<std::size_t>(layer.in), 1);
    }
  });
  return layers;
}

TEST(SynthesisLayers, HaveTheNamesOfTheFloatNetwork) {
  auto layers = zeros(small_config());
  std::vector<std::string> names;
  for_each_layer(layers, [&](const std::string& name, const auto&) { names.push_back(name); });
  EXPECT_EQ(names,
            (std::vector<std::string>{"linear", "stem", "stages.0.first", "stages.0.second", "stages.1",
                                      "stages.2", "skip", "stages.3.first", "stages.3.second", "last"}));
}

TEST(SynthesisLayers, WhatCouldLeaveItsBoundsIsRefused) {
  const auto config = small_config();
  check_synthesis(zeros(config), config);
  auto at_the_bounds = zeros(config);
  auto& narrow = at_the_bounds.blocks[2][0][0];
  narrow.weight[0] = 127;                                                       // input channel 0, first tap
  narrow.weight[static_cast<std::size_t>(narrow.kernel * narrow.kernel)] = -1;  // its neighbour
  narrow.bias[0] = 2147483647 - 128 * 255;
  at_the_bounds.last.weight[0] = -32767;
  at_the_bounds.last.bias[0] = 2147483647 - 32767 * 32768;
  check_synthesis(at_the_bounds, config);

  const std::function<void(SynthesisLayers&)> wrongs[] = {
      [](auto& l) { l.blocks[2][0][0].weight[9] = -2; },  // 129 with its neighbour
      [](auto& l) { l.blocks[2][0][0].bias[0] += 1; },
      [](auto& l) { l.blocks[2][0][0].multiplier[1] = 32768; },
      [](auto& l) { l.blocks[2][0][0].multiplier[1] = -1; },
      [](auto& l) { l.blocks[2][0][0].input[1] = 32768; },
      [](auto& l) { l.blocks[2][0][1].input.push_back(1); },
      [](auto& l) { l.blocks[2][0][0].shift = 25; },
      [](auto& l) { l.blocks[2][0][0].weight.pop_back(); },
      [](auto& l) { l.up[0].shift = -1; },
      [](auto& l) { l.last.weight[5] = -32768; },
      [](auto& l) { l.last.bias[0] += 1; },
      [](auto& l) { l.last.shift = 25; },
      [](auto& l) { l.skip->bias.push_back(0); },
      [](auto& l) { l.stem_quality.front() = 2147483647 / 99 + 1; },
      [](auto& l) { l.stem_quality.pop_back(); },
      [](auto& l) { l.gain.gain[7] = (1 << 20) + 1; },
      [](auto& l) { l.gain.gain[7] = -1; },
      [](auto& l) { l.gain.shift[1] = 0; },
      [](auto& l) { l.gain.shift[1] = 41; },
      [](auto& l) { l.linear.weight.pop_back(); },
  };
  for (std::size_t i = 0; i < std::size(wrongs); ++i) {
    auto wrong = at_the_bounds;
    wrongs[i](wrong);
    EXPECT_THROW(check_synthesis(wrong, config), Error) << i;
  }
}

// As wide as a convolution of bytes may be: its sums in float32 stay below 2^24.
TEST(SynthesisLayers, SumsOfBytesStayBelowTwoToThe24) {
  auto config = small_config();
  config.synthesis.channels = {4, 6, 1000};
  auto layers = zeros(config);
  auto& weight = layers.blocks[2][0][0].weight;
  std::fill_n(weight.begin(), 9000, std::int8_t{7});
  EXPECT_NO_THROW(check_synthesis(layers, config));
  std::fill_n(weight.begin(), 9000, std::int8_t{8});
  EXPECT_THROW(check_synthesis(layers, config), Error);
}

TEST(SynthesisLayers, RoundAsTheDocumentSays) {
  EXPECT_EQ(multiplied(1, 16384), 1);  // halves go up
  EXPECT_EQ(multiplied(-1, 16384), 0);
  EXPECT_EQ(multiplied(-32768, 32767), -32767);
  EXPECT_EQ(leaky(100), 100);
  EXPECT_EQ(leaky(-100), -10);
  EXPECT_EQ(leaky(-32768), -3328);
}

}  // namespace
}  // namespace vaec::model
