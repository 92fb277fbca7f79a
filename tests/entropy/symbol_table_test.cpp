#include "entropy/symbol_table.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>

#include "vaec/error.hpp"

namespace vaec::entropy {
namespace {

using Counts = std::array<double, kCountedMagnitudes>;
using Frequencies = std::vector<std::uint16_t>;

double logistic_cdf(double x, double scale) { return 1 / (1 + std::exp(-x / (scale * kLogisticScale))); }

TEST(SymbolTable, WithoutCountsIsTheLogisticDensity) {
  const Counts none{};
  EXPECT_EQ(symbol_table(none, 0.25).first, -2);
  EXPECT_EQ(symbol_table(none, 0.25).frequencies, (Frequencies{1, 1696, 62141, 1696, 1, 1}));
  for (int i = 0; i < kScaleCount; ++i) {
    const auto data = symbol_table(none, scale_at(i));
    const FrequencyTable table(data.first, data.frequencies);
    for (const std::int32_t v : {0, 1, -1, 3, 70}) {
      const double p = logistic_cdf(v + 0.5, scale_at(i)) - logistic_cdf(v - 0.5, scale_at(i));
      if (p < 1e-3) continue;
      EXPECT_NEAR(table.bits(v), -std::log2(p), 0.05) << "table " << i << ", value " << v;
    }
  }
}

// Of what is nearest to a symbol's value: 9/8 * k of Q0, 9/16 less of Q1.
TEST(SymbolTable, OfAQuantizerIsTheDensityAroundItsValues) {
  const Counts none{};
  constexpr double kScale = 1.5, kHalf = 9.0 / 16;
  const auto within = [&](double from, double to) {
    return -std::log2(logistic_cdf(to, kScale) - logistic_cdf(from, kScale));
  };
  const auto q0 = symbol_table(none, kScale, 1000, Quantizer::kQ0),
             q1 = symbol_table(none, kScale, 1000, Quantizer::kQ1);
  const FrequencyTable even(q0.first, q0.frequencies), odd(q1.first, q1.frequencies);
  EXPECT_NEAR(even.bits(0), within(-kHalf, kHalf), 0.01);
  EXPECT_NEAR(even.bits(-1), within(kHalf, 3 * kHalf), 0.01);
  EXPECT_NEAR(odd.bits(0), within(-kHalf / 2, kHalf / 2), 0.01);
  EXPECT_NEAR(odd.bits(1), within(kHalf / 2, 2 * kHalf), 0.01);
  EXPECT_NEAR(odd.bits(-2), within(2 * kHalf, 4 * kHalf), 0.01);
}

TEST(SymbolTable, FollowsManyCounts) {
  Counts counts{};
  counts[0] = 6e6;
  counts[1] = 3e6;
  counts[2] = 1e6;
  const auto data = symbol_table(counts, 1.0);
  const FrequencyTable table(data.first, data.frequencies);
  EXPECT_NEAR(table.bits(0), -std::log2(0.6), 0.01);
  for (const int sign : {-1, 1}) {
    EXPECT_NEAR(table.bits(sign), -std::log2(0.15), 0.01);
    EXPECT_NEAR(table.bits(2 * sign), -std::log2(0.05), 0.01);
  }
  EXPECT_EQ(data.frequencies.front(), data.frequencies[data.frequencies.size() - 2]);
}

// Magnitudes above the last that is counted share what was counted beyond it as the density has it.
TEST(SymbolTable, LargeMagnitudesFollowTheDensity) {
  Counts counts{};
  counts[kCountedMagnitudes - 1] = 1e9;
  const auto data = symbol_table(counts, 100.0);
  const FrequencyTable table(data.first, data.frequencies);
  const double beyond = 1 - logistic_cdf(kCountedMagnitudes - 1.5, 100.0);
  for (const std::int32_t v : {63, 100, 200}) {
    const double p = logistic_cdf(v + 0.5, 100.0) - logistic_cdf(v - 0.5, 100.0);
    EXPECT_NEAR(table.bits(v), -std::log2(p / beyond / 2), 0.05) << v;
  }
  EXPECT_GT(table.bits(0), 14);
}

TEST(SymbolTable, EscapesHaveAShareBelowAUnit) {
  for (const double n : {0.0, 10.0, 1e8}) {
    for (int i = 0; i < kScaleCount; ++i) {
      Counts counts{};
      counts.fill(n);
      const auto data = symbol_table(counts, scale_at(i));
      EXPECT_EQ(data.frequencies.size(), static_cast<std::size_t>(-2 * data.first + 2));
      EXPECT_EQ(std::accumulate(data.frequencies.begin(), data.frequencies.end(), 0), 1 << 16);
      EXPECT_LE(data.frequencies.back(), 2) << i;
    }
  }
  EXPECT_EQ(symbol_table(Counts{}, 5000).first, -4096);
}

TEST(SymbolTable, RefusesWhatIsNoScaleAndNoCount) {
  const Counts none{};
  for (const double scale : {0.0, -1.0, std::numeric_limits<double>::infinity(), std::nan("")}) {
    EXPECT_THROW((void)symbol_table(none, scale), Error) << scale;
  }
  for (const double n : {-1.0, std::numeric_limits<double>::infinity(), std::nan("")}) {
    Counts counts{};
    counts[5] = n;
    EXPECT_THROW((void)symbol_table(counts, 1.0), Error) << n;
  }
  EXPECT_THROW((void)symbol_table(std::span(none).first(5), 1.0), Error);
}

}  // namespace
}  // namespace vaec::entropy
