#include "entropy/gaussian.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <random>

#include "vaec/error.hpp"

namespace vaec::entropy {
namespace {

using Frequencies = std::vector<std::uint16_t>;

double gaussian_cdf(double x, double mean, double scale) {
  return 0.5 * std::erfc(-(x - mean) / (scale * std::sqrt(2.0)));
}

TEST(Gaussian, ScalesAreLogSpaced) {
  EXPECT_EQ(scale_at(0), 0.11);
  EXPECT_EQ(scale_at(63), 256.0);
  for (int i = 1; i < kScaleCount; ++i) EXPECT_NEAR(scale_at(i) / scale_at(i - 1), 1.1310, 1e-4) << i;
}

TEST(Gaussian, GoldenTables) {
  EXPECT_EQ(gaussian_table(scale_at(0)).first, 0);
  EXPECT_EQ(gaussian_table(scale_at(0)).frequencies, (Frequencies{65535, 1}));
  EXPECT_EQ(gaussian_table(0.25).first, -1);
  EXPECT_EQ(gaussian_table(0.25).frequencies, (Frequencies{1491, 62553, 1491, 1}));
  EXPECT_EQ(gaussian_table(1.0).first, -4);
  EXPECT_EQ(gaussian_table(1.0).frequencies,
            (Frequencies{15, 392, 3971, 15842, 25095, 15842, 3971, 392, 15, 1}));
}

TEST(Gaussian, EveryScaleGivesAValidTable) {
  for (int i = 0; i < kScaleCount; ++i) {
    const TableData data = gaussian_table(scale_at(i));
    const FrequencyTable table(data.first, data.frequencies);
    EXPECT_EQ(data.frequencies.size(), static_cast<std::size_t>(-2 * data.first + 2));
    EXPECT_LE(data.frequencies.back(), 1) << i;
    const auto middle = data.frequencies.begin() - data.first;
    EXPECT_EQ(*middle, *std::max_element(data.frequencies.begin(), data.frequencies.end()));
    // The cost of a whole table is that of the Gaussian's entropy.
    if (scale_at(i) > 2) {
      double cost = 0;
      for (std::int32_t k = data.first; k <= -data.first; ++k) {
        cost +=
            (gaussian_cdf(k + 0.5, 0, scale_at(i)) - gaussian_cdf(k - 0.5, 0, scale_at(i))) * table.bits(k);
      }
      EXPECT_NEAR(cost, 0.5 * std::log2(2 * M_PI * M_E * scale_at(i) * scale_at(i)), 0.02) << i;
    }
  }
}

TEST(Gaussian, SupportEndsAt4096) {
  const TableData data = gaussian_table(5000);
  EXPECT_EQ(data.first, -4096);
  EXPECT_EQ(data.frequencies.size(), 2 * 4096 + 2u);
  EXPECT_GT(data.frequencies.back(), 20000);
}

TEST(Gaussian, RefusesBadScales) {
  for (const double scale :
       {0.0, -1.0, std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN()}) {
    EXPECT_THROW((void)gaussian_table(scale), Error) << scale;
  }
}

TEST(TableOf, ShortestSupportAroundTheMedian) {
  const TableData data = table_of([](double x) { return gaussian_cdf(x, 7.3, 2.0); }, 7.3);
  double outside = 0;
  for (const double edge :
       {data.first - 0.5, data.first + static_cast<double>(data.frequencies.size()) - 1.5}) {
    const double below = gaussian_cdf(edge, 7.3, 2.0);
    outside += std::min(below, 1 - below);
  }
  EXPECT_LE(outside, 1.0 / 32768);
  EXPECT_EQ(data.first, -1);
  EXPECT_EQ(data.frequencies.size(), 18u);
  EXPECT_EQ(std::accumulate(data.frequencies.begin(), data.frequencies.end(), 0u), kFrequencyTotal);
}

TEST(TableOf, OneSidedDistribution) {
  // P(X <= x) of an exponential with mean 3, from 10 on.
  const TableData data = table_of([](double x) { return x < 10 ? 0 : 1 - std::exp(-(x - 10) / 3); }, 12);
  EXPECT_EQ(data.first, 10);
  EXPECT_EQ(data.frequencies.size(), 32 + 1u);
}

TEST(TableOf, PointMassHeavyTailsAndFarMedians) {
  const TableData point = table_of([](double x) { return x < 3 ? 0.0 : 1.0; }, 3);
  EXPECT_EQ(point.first, 3);
  EXPECT_EQ(point.frequencies, (Frequencies{65535, 1}));

  const TableData cauchy = table_of([](double x) { return 0.5 + std::atan(x / 2) / M_PI; }, 0);
  EXPECT_EQ(cauchy.first, -4096);
  EXPECT_EQ(cauchy.frequencies.size(), 2 * 4096 + 2u);

  const TableData far = table_of([](double x) { return gaussian_cdf(x, 4095, 10); }, 4095);
  EXPECT_LE(far.first + static_cast<std::int32_t>(far.frequencies.size()) - 2, 4096);
  EXPECT_GT(far.frequencies.back(), 20000);
}

TEST(TableOf, RefusesWhatIsNoDistribution) {
  EXPECT_THROW((void)table_of([](double) { return NAN; }, 0), Error);
  EXPECT_THROW((void)table_of([](double x) { return x < 0 ? 0.9 : 0.1; }, 0), Error);
  EXPECT_THROW((void)table_of([](double x) { return x < 0 ? -0.1 : 1; }, 0), Error);
  EXPECT_THROW((void)table_of([](double) { return 0.0; }, 0), Error);
  EXPECT_THROW((void)table_of([](double x) { return gaussian_cdf(x, 0, 1); }, NAN), Error);
}

}  // namespace
}  // namespace vaec::entropy
