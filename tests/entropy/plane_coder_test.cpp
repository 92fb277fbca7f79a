#include "entropy/plane_coder.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <random>

#include "property.hpp"
#include "vaec/error.hpp"

namespace vaec::entropy {
namespace {

using Values = std::vector<std::int32_t>;

std::size_t row_of(const SampleLayout& layout) {
  return static_cast<std::size_t>(layout.width) * static_cast<std::size_t>(layout.channels);
}

std::vector<std::byte> encoded(const SampleLayout& layout, const Values& values) {
  return encode_samples(layout, [&](int row, std::int32_t* to) {
    std::copy_n(values.begin() + static_cast<std::ptrdiff_t>(row_of(layout)) * row, row_of(layout), to);
  });
}

Values decoded(std::span<const std::byte> stream, const SampleLayout& layout) {
  Values values;
  decode_samples(stream, layout, [&](int, const std::int32_t* row) {
    values.insert(values.end(), row, row + row_of(layout));
  });
  return values;
}

std::vector<std::byte> encoded_indices(const Values& values, int width, int count) {
  return encode_indices(width, static_cast<int>(values.size()) / width, count,
                        [&](int row, std::int32_t* to) {
                          std::copy_n(values.begin() + std::ptrdiff_t{row} * width, width, to);
                        });
}

Values decoded_indices(std::span<const std::byte> stream, int width, int rows, int count) {
  Values values;
  decode_indices(stream, width, rows, count,
                 [&](int, const std::int32_t* row) { values.insert(values.end(), row, row + width); });
  return values;
}

// Smooth, noisy, flat and striped by turns, within the ranges; some rows once more.
Values random_pixels(std::mt19937& random, const SampleLayout& layout) {
  const int kind = static_cast<int>(random() % 5);
  Values values;
  for (int y = 0; y < layout.rows; ++y) {
    if (y > 0 && random() % 4 == 0) {
      values.insert(values.end(), values.end() - static_cast<std::ptrdiff_t>(row_of(layout)), values.end());
      continue;
    }
    for (int x = 0; x < layout.width; ++x) {
      for (int c = 0; c < layout.channels; ++c) {
        const auto [low, high] = layout.ranges[static_cast<std::size_t>(c)];
        const auto span = static_cast<std::int64_t>(high) - low + 1;
        const std::int64_t noise = static_cast<std::int64_t>(random()) % span;
        const std::int64_t value = kind == 0   ? noise
                                   : kind == 1 ? span / 2
                                   : kind == 2
                                       ? (x * 7 + y * 3 + static_cast<std::int64_t>(random() % 3)) % span
                                   : kind == 3 ? (random() % 8 == 0 ? noise : span / 3)
                                               : (x / 3 + y / 5) % 2 * (span - 1);
        values.push_back(low + static_cast<std::int32_t>(value));
      }
    }
  }
  return values;
}

RC_GTEST_PROP(PlaneCoder, BringsBackAllSamples, (std::uint32_t seed)) {
  std::mt19937 random(seed);
  SampleLayout layout;
  layout.width = 1 + static_cast<int>(random() % 40);
  layout.rows = 1 + static_cast<int>(random() % 40);
  layout.channels = 1 + static_cast<int>(random() % 4);
  layout.repeats = static_cast<Repeats>(random() % 3);
  layout.last_apart = random() % 2 == 0;
  for (auto& range : layout.ranges) {
    const int bits = static_cast<int>(random() % 18);
    range.low = random() % 2 == 0 ? 0 : -(1 << bits);
    range.high = (1 << (random() % 18)) - 1;
  }
  const Values values = random_pixels(random, layout);
  RC_ASSERT(decoded(encoded(layout, values), layout) == values);
}

RC_GTEST_PROP(PlaneCoder, BringsBackAllIndices, (std::uint32_t seed)) {
  std::mt19937 random(seed);
  const int width = 1 + static_cast<int>(random() % 40), rows = 1 + static_cast<int>(random() % 40);
  const int count = random() % 3 == 0 ? 2 : 2 + static_cast<int>(random() % 255);
  SampleLayout layout;
  layout.width = width;
  layout.rows = rows;
  layout.ranges[0] = {0, count - 1};
  const Values values = random_pixels(random, layout);
  RC_ASSERT(decoded_indices(encoded_indices(values, width, count), width, rows, count) == values);
}

SampleLayout square(int side, int channels) {
  SampleLayout layout;
  layout.width = layout.rows = side;
  layout.channels = channels;
  layout.ranges.fill({0, 255});
  return layout;
}

TEST(PlaneCoder, WhatIsFlatCostsSomeBytes) {
  const auto layout = square(512, 3);
  EXPECT_LE(encoded(layout, Values(row_of(layout) * 512, 77)).size(), 24U);
  EXPECT_LE(encoded_indices(Values(512 * 512, 3), 512, 20).size(), 24U);
}

TEST(PlaneCoder, NoiseCostsHardlyMoreThanItHas) {
  std::mt19937 random(5);
  for (const auto repeats : {Repeats::kNone, Repeats::kNear, Repeats::kRemembered}) {
    auto layout = square(200, 3);
    layout.repeats = repeats;
    Values noise(row_of(layout) * 200);
    for (auto& value : noise) value = static_cast<std::int32_t>(random() % 256);
    EXPECT_LT(encoded(layout, noise).size(), noise.size() * 108 / 100);
  }
}

// A slope is predicted: but for its beginning it costs next to nothing.
TEST(PlaneCoder, ASlopeCostsLittle) {
  const auto layout = square(128, 1);
  Values slope;
  for (int y = 0; y < 128; ++y) {
    for (int x = 0; x < 128; ++x) slope.push_back(x + y);
  }
  EXPECT_LT(encoded(layout, slope).size(), 160U);
}

// What comes again at other places is known again, where that is asked for.
TEST(PlaneCoder, WhatComesAgainIsKnown) {
  std::mt19937 random(9);
  auto layout = square(192, 3);
  Values tile(std::size_t{24} * 24 * 3);
  for (auto& value : tile) value = static_cast<std::int32_t>(random() % 256);
  Values values;
  for (int y = 0; y < 192; ++y) {
    for (int x = 0; x < 192; ++x) {
      for (int c = 0; c < 3; ++c)
        values.push_back(tile[static_cast<std::size_t>((y % 24 * 24 + x % 24) * 3 + c)]);
    }
  }
  const auto without = encoded(layout, values).size();
  layout.repeats = Repeats::kRemembered;
  EXPECT_LT(encoded(layout, values).size(), without / 10);
}

TEST(PlaneCoder, GoldenStreams) {
  auto layout = square(4, 1);
  const auto bytes_of = [](const std::vector<std::byte>& stream) {
    std::vector<int> bytes;
    for (const auto byte : stream) bytes.push_back(std::to_integer<int>(byte));
    return bytes;
  };
  const Values values{10, 12, 200, 201, 11, 12, 199, 200, 10, 10, 10, 10, 10, 10, 10, 10};
  EXPECT_EQ(bytes_of(encoded(layout, values)),
            (std::vector<int>{128, 0, 66, 129, 34, 184, 41, 251, 25, 171, 235, 225, 174, 241, 89}));
  EXPECT_EQ(bytes_of(encoded_indices({0, 1, 1, 2, 0, 1, 2, 2, 0, 0, 0, 0}, 4, 3)),
            (std::vector<int>{130, 38, 128, 206, 224}));
}

// Whatever the bytes, values are within their ranges.
TEST(PlaneCoder, EveryTruncationAndBitFlipEnds) {
  std::mt19937 random(11);
  for (const auto repeats : {Repeats::kNone, Repeats::kNear, Repeats::kRemembered}) {
    auto layout = square(12, 3);
    layout.repeats = repeats;
    layout.ranges[1] = {-255, 255};
    const auto stream = encoded(layout, random_pixels(random, layout));
    const auto ends = [&](std::span<const std::byte> bytes) {
      try {
        const Values values = decoded(bytes, layout);
        for (std::size_t i = 0; i < values.size(); ++i) {
          const auto [low, high] = layout.ranges[i % 3];
          ASSERT_TRUE(values[i] >= low && values[i] <= high);
        }
      } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::kCorrupt);
      }
    };
    for (std::size_t size = 0; size < stream.size(); ++size) ends(std::span(stream).first(size));
    for (std::size_t bit = 0; bit < 8 * stream.size(); bit += 3) {
      auto flipped = stream;
      flipped[bit / 8] ^= static_cast<std::byte>(1 << (bit % 8));
      ends(flipped);
    }
  }
}

}  // namespace
}  // namespace vaec::entropy
