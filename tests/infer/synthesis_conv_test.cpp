// Convolutions of bytes against plain sums, for every shape that the rows of a picture may come in.
#include "infer/synthesis_conv.hpp"

#include <gtest/gtest.h>

#include <random>

namespace vaec::infer {
namespace {

// Weights as large as they may be, neighbours together; inputs mostly at their ends.
model::SynthesisLayer large_layer(int channels, int out, int kernel, std::mt19937& random) {
  model::SynthesisLayer layer;
  layer.in = channels;
  layer.out = out;
  layer.kernel = kernel;
  const int taps = kernel * kernel;
  layer.weight.resize(static_cast<std::size_t>(out * channels * taps));
  for (int o = 0; o < out; ++o) {
    for (int i = 0; i < channels; i += 2) {
      for (int tap = 0; tap < taps; ++tap) {
        const auto first = static_cast<int>(random() % 128), sign = random() % 2 == 0 ? 1 : -1;
        auto* pair = layer.weight.data() + (o * channels + i) * taps + tap;
        pair[0] = static_cast<std::int8_t>(sign * first);
        pair[taps] = static_cast<std::int8_t>(sign * std::min(127, 128 - first));
      }
    }
  }
  layer.bias.assign(static_cast<std::size_t>(out), 0);
  layer.multiplier.assign(static_cast<std::size_t>(out), 1);
  layer.input.assign(static_cast<std::size_t>(channels), 1);
  return layer;
}

TEST(SynthesisConv, GivesPlainSumsInEveryShape) {
  std::mt19937 random(5);
  struct Shape {
    int in, out, kernel;
  };
  for (const auto& [channels, outputs, kernel] :
       {Shape{16, 16, 3}, {48, 48, 3}, {64, 64, 3}, {128, 128, 3}, {128, 256, 1}, {64, 192, 1}}) {
    const auto layer = large_layer(channels, outputs, kernel, random);
    const SynthesisConv conv(layer);
    for (const int width : {1, 2, 3, 5, 17}) {
      for (int count = 1; count <= 30; count += count < 8 ? 1 : 5) {
        const int line = width + kernel - 1;
        std::vector<std::uint8_t> source(static_cast<std::size_t>((count + kernel - 1) * line * channels));
        for (auto& v : source) v = random() % 8 == 0 ? static_cast<std::uint8_t>(random()) : 255;
        const auto* sums = conv.sums(count, width, source.data());
        int wrong = 0;
        for (int i = 0; i < count * width; ++i) {
          for (int o = 0; o < outputs; o += 5) {
            std::int32_t sum = 0;
            for (int tap = 0; tap < kernel * kernel; ++tap) {
              const auto* from =
                  source.data() + ((i / width + tap / kernel) * line + i % width + tap % kernel) * channels;
              for (int c = 0; c < channels; ++c) {
                sum += from[c] *
                       layer.weight[static_cast<std::size_t>((o * channels + c) * kernel * kernel + tap)];
              }
            }
            wrong += sums[i * outputs + o] != sum ? 1 : 0;
          }
        }
        EXPECT_EQ(wrong, 0) << channels << " to " << outputs << " channels, kernel " << kernel << ", "
                            << count << " rows of " << width;
      }
    }
  }
}

}  // namespace
}  // namespace vaec::infer
