#include "entropy/latent_context.hpp"

#include <gtest/gtest.h>

#include <random>

namespace vaec::entropy {
namespace {

constexpr int kLatentRows = 6, kLatentColumns = 8, kLatentChannels = 5;
constexpr std::size_t kWeights = std::size_t{kContextPasses} * kContextNeighbours * kLatentChannels;

struct Parameters {
  std::vector<std::int8_t> weights = std::vector<std::int8_t>(kWeights, 0);
  std::vector<std::int32_t> expected = std::vector<std::int32_t>(64, 0);
  [[nodiscard]] ContextParameters view() const { return {weights, expected}; }
};

std::size_t at(int row, int column) { return static_cast<std::size_t>(row * kLatentColumns + column); }

// Codes one position with the same residual and magnitude, in half steps, in all channels.
void put_all(LatentContext& context, int row, int column, std::int32_t half_steps, std::uint8_t scale,
             std::int32_t residual) {
  context.begin(at(row, column));
  for (std::size_t c = 0; c < kLatentChannels; ++c) context.put(c, half_steps, scale, residual);
}

TEST(LatentContext, WithoutEvidenceIsInTheMiddle) {
  const Parameters p;
  LatentContext context(p.view(), kLatentRows, kLatentColumns, kLatentChannels);
  context.begin(at(2, 2));
  for (std::size_t c = 0; c < kLatentChannels; ++c) {
    EXPECT_EQ(context.shift(c), 0);
    EXPECT_EQ(context.activity(c), kActivities / 2);
  }
}

// The literal weights, rounding to the nearest, negative sums included.
TEST(LatentContext, CorrectsByTheFourNearestThatAreDecoded) {
  Parameters p;
  for (std::size_t pass = 0; pass < 2; ++pass) {
    for (std::size_t n = 0; n < kContextNeighbours; ++n) {
      p.weights[(pass * kContextNeighbours + n) * kLatentChannels + 3] =
          static_cast<std::int8_t>(10 * (n + 1) * (pass + 1));
    }
  }
  LatentContext context(p.view(), kLatentRows, kLatentColumns, kLatentChannels);
  put_all(context, 1, 1, 0, 0, 100);   // above left of (2, 2)
  put_all(context, 1, 3, 0, 0, 200);   // above right
  put_all(context, 2, 0, 0, 0, -300);  // two to the left
  put_all(context, 0, 2, 0, 0, 50);    // two above
  context.begin(at(2, 2));
  EXPECT_EQ(context.pass(), 0);
  EXPECT_EQ(context.shift(3), -16);  // (10 * 100 + 20 * 200 - 30 * 300 + 40 * 50 + 64) >> 7 = -1936 >> 7
  EXPECT_EQ(context.shift(2), 0);
  put_all(context, 2, 2, 0, 0, 70);
  put_all(context, 4, 2, 0, 0, -70);
  put_all(context, 3, 1, 0, 0, 30);
  put_all(context, 3, 3, 0, 0, 1);
  context.begin(at(3, 2));  // sees above, below, left, right
  EXPECT_EQ(context.pass(), 1);
  EXPECT_EQ(context.shift(3), 4);  // (20 * 70 - 40 * 70 + 60 * 30 + 80 * 1 + 64) >> 7 = 544 >> 7
}

TEST(LatentContext, NothingComesFromBeyondTheBand) {
  Parameters p;
  std::fill(p.weights.begin(), p.weights.end(), std::int8_t{100});
  LatentContext context(p.view(), kLatentRows, kLatentColumns, kLatentChannels);
  for (int row = 0; row < kLatentRows; ++row) {
    for (int column = 0; column < kLatentColumns; ++column) put_all(context, row, column, 2, 0, 16);
  }
  context.begin(at(0, 0));
  EXPECT_EQ(context.shift(0), 0);
  for (const auto* neighbour : context.neighbours()) EXPECT_EQ(neighbour, nullptr);
  context.begin(at(0, kLatentColumns - 1));  // an odd position: left and below
  EXPECT_EQ(context.shift(0), 25);           // (2 * 100 * 16 + 64) >> 7
}

TEST(LatentContext, LevelsFollowMagnitudes) {
  Parameters p;
  p.expected[20] = kMagnitudeUnit;  // one step
  LatentContext context(p.view(), kLatentRows, kLatentColumns, kLatentChannels);
  put_all(context, 1, 1, 7, 20, 0);  // 3.5 steps
  put_all(context, 1, 3, 9, 20, 0);
  context.begin(at(2, 2));
  // Met 2 * 2 * 4 * 256 + 77, expected 2 * 2 * 256 + 77: a ratio of 3.79, between 2^1.75 and 2^2.25.
  EXPECT_EQ(context.activity(0), 8);
  // Zeros in the channels before speak for less: met 4173, expected 1101 + 3 * 256 less what fades: 2.2.
  for (std::size_t c = 0; c < 3; ++c) context.put(c, 0, 20, 0);
  EXPECT_EQ(context.activity(3), 6);
  context.begin(at(4, 4));
  for (std::size_t c = 0; c < 4; ++c) context.put(c, 0, 20, 0);
  EXPECT_EQ(context.activity(4), 0);
}

// A decoder that is fed the encoder's symbols finds the same means and tables, whatever they are.
TEST(LatentContext, IsAFunctionOfWhatWasPut) {
  std::mt19937 random(1);
  Parameters p;
  for (auto& w : p.weights) w = static_cast<std::int8_t>(random() % 256 - 128);
  for (auto& e : p.expected)
    e = static_cast<std::int32_t>(random() % (kMagnitudeMaximum * kMagnitudeUnit + 1));
  LatentContext a(p.view(), kLatentRows, kLatentColumns, kLatentChannels),
      b(p.view(), kLatentRows, kLatentColumns, kLatentChannels);
  for (int pass = 0; pass < 2; ++pass) {
    for (int row = 0; row < kLatentRows; ++row) {
      for (int column = (row + pass) % 2; column < kLatentColumns; column += 2) {
        a.begin(at(row, column));
        b.begin(at(row, column));
        for (std::size_t c = 0; c < kLatentChannels; ++c) {
          ASSERT_EQ(a.shift(c), b.shift(c));
          ASSERT_EQ(a.activity(c), b.activity(c));
          ASSERT_GE(a.activity(c), 0);
          ASSERT_LT(a.activity(c), kActivities);
          // The largest symbols and residuals that there are, too.
          const auto symbol = random() % 3 == 0 ? (1 << 20) : static_cast<std::int32_t>(random() % 4);
          const auto residual = random() % 2 == 0 ? 18 * symbol + a.shift(c) : -18 * symbol;
          const auto scale = static_cast<std::uint8_t>(random() % 64);
          a.put(c, 2 * symbol, scale, residual);
          b.put(c, 2 * symbol, scale, residual);
        }
      }
    }
  }
}

}  // namespace
}  // namespace vaec::entropy
