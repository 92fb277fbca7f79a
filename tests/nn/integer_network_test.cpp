#include "nn/integer_network.hpp"

#include <ATen/Context.h>
#include <gtest/gtest.h>

#include "integer_reference.hpp"
#include "nn/hyper_synthesis.hpp"
#include "tiny_vae.hpp"
#include "vaec/error.hpp"

namespace vaec::nn {
namespace {

IntegerLayer layer_of(std::int64_t in, std::int64_t out, int weight, int bias, int multiplier, int shift) {
  IntegerLayer layer;
  layer.weight = torch::full({out, in, 1, 1}, weight, torch::kInt8);
  layer.bias = torch::full({out}, bias, torch::kInt32);
  layer.multiplier = torch::full({out}, multiplier, torch::kInt32);
  layer.shift = torch::full({out}, shift, torch::kInt32);
  layer.minimum = torch::full({out}, -100, torch::kInt32);
  layer.maximum = torch::full({out}, 100, torch::kInt32);
  return layer;
}

std::int32_t of_value(const IntegerNetwork& network, std::int32_t x) {
  return computed(network, torch::full({1, 1, 1, 1}, x, torch::kInt32), Sums::kInt32).item<std::int32_t>();
}

TEST(IntegerNetwork, RequantizesAsSpecified) {
  // acc = 3 x + 5; out = (acc * 3 + 4) >> 3, clamped to +-100.
  const IntegerNetwork network({layer_of(1, 1, 3, 5, 3, 3)}, 1000);
  EXPECT_EQ(of_value(network, 0), 2);    // (15 + 4) >> 3
  EXPECT_EQ(of_value(network, 1), 3);    // (24 + 4) >> 3
  EXPECT_EQ(of_value(network, -7), -6);  // (-48 + 4) >> 3 = -44 >> 3, towards minus infinity
  EXPECT_EQ(of_value(network, 1000), 100);
  EXPECT_EQ(of_value(network, -1000), -100);
}

TEST(IntegerNetwork, RefusesSumsThatFloat32CannotHold) {
  EXPECT_NO_THROW(IntegerNetwork({layer_of(1, 1, 127, 0, 1, 1)}, (1 << 24) / 127));
  try {
    IntegerNetwork({layer_of(1, 1, 127, 0, 1, 1)}, (1 << 24) / 127 + 1);
    FAIL() << "accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kModel);
  }
}

TEST(IntegerNetwork, RefusesParametersOutOfRange) {
  EXPECT_THROW(IntegerNetwork({layer_of(1, 1, 1, 0, (1 << 15) + 1, 1)}, 1), Error);
  EXPECT_THROW(IntegerNetwork({layer_of(1, 1, 1, 0, 1, 0)}, 1), Error);
  EXPECT_THROW(IntegerNetwork({layer_of(1, 1, 1, 0, 1, 47)}, 1), Error);
  EXPECT_THROW(IntegerNetwork({layer_of(1, 2, 1, 0, 1, 1), layer_of(3, 1, 1, 0, 1, 1)}, 1), Error);
}

// What the whole of vaec rests on: one answer, whatever evaluates it.
class SameAnswer : public testing::Test {
 protected:
  void SetUp() override {
    torch::manual_seed(3);
    model::PhotoConfig config;  // the shipped architecture's sizes
    HyperSynthesis trained(config);
    networks_ = std::make_unique<IntegerHyperSynthesis>(trained->quantized());
    z_ = torch::randint(-127, 128, {1, config.hyper + 1, 3, 2}, torch::kInt32);
    lf_ = torch::randint(-300, 300, {1, static_cast<std::int64_t>(config.lf.size()), 12, 8}, torch::kInt32);
    latent_ = torch::randint(-3000, 3000, {1, config.latent, 12, 8}, torch::kInt32);
    expected_ = answer(Sums::kInt32, false);
  }
  void TearDown() override {
    at::set_num_threads(2);
    at::globalContext().setUserEnabledMkldnn(true);
  }

  torch::Tensor answer(Sums sums, bool channels_last) const {
    const auto layout = channels_last ? at::MemoryFormat::ChannelsLast : at::MemoryFormat::Contiguous;
    const auto features = computed_features(*networks_, z_.contiguous(layout), lf_, sums);
    const auto first = computed_first_pass(*networks_, features.contiguous(layout), sums);
    const auto second = computed_second_pass(*networks_, features, first, latent_.contiguous(layout), sums);
    return torch::cat({first, second}, 1);
  }

  std::unique_ptr<IntegerHyperSynthesis> networks_;
  torch::Tensor z_, lf_, latent_, expected_;
};

TEST_F(SameAnswer, OverThreadsLayoutsNumberTypesAndOneDnn) {
  ASSERT_GT(expected_.to(torch::kFloat32).std().item<float>(), 1);  // an answer that says something
  for (const int threads : {1, 2, 3}) {
    at::set_num_threads(threads);
    for (const bool onednn : {true, false}) {
      at::globalContext().setUserEnabledMkldnn(onednn);
      for (const bool channels_last : {true, false}) {
        for (const auto sums : {Sums::kFloat32, Sums::kFloat64, Sums::kInt32}) {
          EXPECT_TRUE(torch::equal(answer(sums, channels_last), expected_))
              << threads << " threads, oneDNN " << onednn << ", channels-last " << channels_last << ", sums "
              << static_cast<int>(sums);
        }
      }
    }
  }
}

TEST(QuantizedConv, TrainsWhatTheIntegerLayerComputes) {
  torch::manual_seed(5);
  const auto constant = [](double value) { return torch::full({16}, value); };
  QuantizedConv conv(8, 16, 3, 2, 1.0 / 8, 127, constant(1.0 / 16), constant(0), constant(255));
  const auto x = torch::randint(-127, 128, {1, 8, 9, 7}, torch::kInt32);
  const auto trained = conv(x.to(torch::kFloat32)).detach();
  const IntegerNetwork network({conv->quantized()}, 127);
  const auto coded = computed(network, x, Sums::kInt32);
  ASSERT_EQ(trained.sizes(), coded.sizes());
  const auto difference = (trained - coded.to(torch::kFloat32)).abs();
  EXPECT_LE(difference.max().item<float>(), 1);
  EXPECT_LT(difference.mean().item<float>(), 0.01);
  EXPECT_GT(coded.to(torch::kFloat32).std().item<float>(), 1);
}

TEST(QuantizedConv, ComesBackFromItsIntegers) {
  torch::manual_seed(6);
  const auto vae = tiny_vae();
  const auto networks = vae->hyper_synthesis->quantized();
  HyperSynthesis again(tiny_config());
  again->set_from(networks);
  const auto requantized = again->quantized();
  for (const std::string part : model::kHyperParts) {
    const auto &before = networks.part(part).layers(), &after = requantized.part(part).layers();
    for (std::size_t i = 0; i < before.size(); ++i) {
      const auto difference = before[i].weight.to(torch::kFloat32) - after[i].weight.to(torch::kFloat32);
      EXPECT_LE(difference.abs().max().item<float>(), 1) << part << i;
    }
  }
}

TEST(Compand, IsTheLogarithmOfTheFormat) {
  const std::pair<int, int> known[] = {{0, 0},    {1, 1},     {32, 32},   {33, 32},
                                       {34, 33},  {63, 47},   {64, 48},   {127, 63},
                                       {128, 64}, {-64, -48}, {-32, -32}, {1 << 18, 239},
                                       {-5, -5},  {255, 79},  {256, 80},  {(1 << 18) - 1, 239}};
  for (const auto& [value, expected] : known) EXPECT_EQ(model::compand(value), expected) << value;
}

TEST(Compand, IsTheSameInTraining) {
  const auto values = torch::arange(-5000, 5001, torch::kInt32).reshape({1, 1, 1, -1});
  const auto exact = compand(values).to(torch::kFloat32);
  EXPECT_TRUE(torch::equal(compand_straight_through(values.to(torch::kFloat32)), exact));
}

}  // namespace
}  // namespace vaec::nn
