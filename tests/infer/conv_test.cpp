#include "infer/conv.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace vaec::infer {
namespace {

ConvWeights made_weights(int in, int out, int kernel, int stride, std::mt19937& random) {
  ConvWeights w{in, out, kernel, stride, {}, {}};
  for (int i = 0; i < in * out * kernel * kernel; ++i) {
    w.weight.push_back(static_cast<float>(static_cast<int>(random() % 15) - 7));
  }
  for (int i = 0; i < out; ++i) w.bias.push_back(static_cast<float>(static_cast<int>(random() % 9) - 4));
  return w;
}

// Plain sums over the whole picture, zero outside.
std::vector<float> reference(const ConvWeights& w, const std::vector<float>& x, int height, int width) {
  const int pad = w.kernel / 2, rows = height / w.stride, columns = width / w.stride;
  std::vector<float> out;
  for (int row = 0; row < rows; ++row) {
    for (int column = 0; column < columns; ++column) {
      for (int o = 0; o < w.out; ++o) {
        float sum = w.bias[o];
        for (int i = 0; i < w.kernel; ++i) {
          for (int j = 0; j < w.kernel; ++j) {
            const int y = row * w.stride + i - pad, at = column * w.stride + j - pad;
            if (y < 0 || y >= height || at < 0 || at >= width) continue;
            for (int c = 0; c < w.in; ++c) {
              sum +=
                  w.weight[((o * w.in + c) * w.kernel + i) * w.kernel + j] * x[(y * width + at) * w.in + c];
            }
          }
        }
        out.push_back(sum);
      }
    }
  }
  return out;
}

// In strips of every height the rows are those of the whole picture: small integers are exact in every type.
TEST(Conv, GivesTheSameInStrips) {
  std::mt19937 random(4);
  for (const auto& [kernel, stride] : {std::pair{3, 1}, {5, 2}, {1, 1}}) {
    const int in = 5, out = 7, height = 12, width = 10;
    const auto weights = made_weights(in, out, kernel, stride, random);
    std::vector<float> x(static_cast<std::size_t>(height * width * in));
    for (auto& v : x) v = static_cast<float>(static_cast<int>(random() % 21) - 10);
    const auto expected = reference(weights, x, height, width);
    const Conv conv(weights, Number::kF32, Number::kF32);
    const auto line = static_cast<std::size_t>(width / stride * out);
    for (int strip = 1; strip <= height; ++strip) {
      std::vector<float> found(expected.size());
      int done = 0;
      for (int available = strip; done < height / stride; available = std::min(height, available + strip)) {
        const auto plan = plan_strip(kernel, stride, done, std::min(height, available), height);
        if (plan.empty()) continue;
        conv.run({plan.source_end - plan.source_first, width, plan.zeros_above, plan.zeros_below},
                 x.data() + plan.source_first * width * in,
                 found.data() + static_cast<std::size_t>(done) * line);
        done = plan.end;
      }
      EXPECT_EQ(found, expected) << "kernel " << kernel << ", strips of " << strip;
    }
  }
}

TEST(Conv, AddsAndActivates) {
  const ConvWeights weights{1, 2, 1, 1, {2, -2}, {1, 1}};
  const std::vector<float> x{3};
  for (const auto& [after, expected] : {std::pair{After::kNothing, std::vector<float>{7, -5}},
                                        {After::kLeakyRelu, {7, -0.5F}},
                                        {After::kAdd, {8, -4}}}) {
    std::vector<float> out{1, 1};
    Conv(weights, Number::kF32, Number::kF32, after).run({1, 1, 0, 0}, x.data(), out.data());
    EXPECT_FLOAT_EQ(out[0], expected[0]);
    EXPECT_FLOAT_EQ(out[1], expected[1]);
  }
}

TEST(Conv, RunsOverAnyNumberOfPositions) {
  std::mt19937 random(9);
  const auto weights = made_weights(4, 3, 1, 1, random);
  const Conv conv(weights, Number::kF32, Number::kF32);
  for (const int count : {1, 31, 32, 33, 256, 257, 700}) {
    std::vector<float> x(static_cast<std::size_t>(count) * 4);
    for (auto& v : x) v = static_cast<float>(random() % 8);
    std::vector<float> found(static_cast<std::size_t>(count) * 3, -1);
    conv.run_pointwise(static_cast<std::size_t>(count), x.data(), found.data());
    EXPECT_EQ(found, reference(weights, x, 1, count)) << count;
  }
}

TEST(PlanStrip, CoversEveryRowOnce) {
  for (const auto& [kernel, stride] : {std::pair{1, 1}, {3, 1}, {5, 1}, {5, 2}, {3, 2}}) {
    const int height = 24;
    int done = 0;
    for (int available = 0; available <= height; ++available) {
      const auto plan = plan_strip(kernel, stride, done, available, height);
      EXPECT_EQ(plan.first, done);
      if (plan.empty()) continue;
      EXPECT_LE(plan.source_end, available);
      EXPECT_EQ(
          (plan.source_end - plan.source_first + plan.zeros_above + plan.zeros_below - kernel) / stride + 1,
          plan.end - plan.first);
      done = plan.end;
    }
    EXPECT_EQ(done, height / stride);
  }
}

}  // namespace
}  // namespace vaec::infer
