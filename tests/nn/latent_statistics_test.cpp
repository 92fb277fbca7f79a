#include "nn/latent_statistics.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>

#include "entropy/frequency_table.hpp"
#include "nn/rate.hpp"

namespace vaec::nn {
namespace {

constexpr int kScale = 24;       // its standard deviation is about 2
constexpr int kWholeScale = 11;  // the largest of whole steps

model::PhotoConfig config() {
  model::PhotoConfig c;
  c.latent = 3;
  c.lf = {2};
  c.levels = 2;
  return c;
}

// A latent of channel 0 that neighbours tell of and channel 1 that they do not, predicted as 0; channel 2 is the LF
// image.
void add_made(LatentStatistics& statistics, int quality, double neighbours_share, int scale = kScale) {
  constexpr std::int64_t kSide = 48;
  auto y = torch::randn({1, 3, kSide, kSide}) * entropy::scale_at(scale);
  auto smooth = torch::avg_pool2d(torch::randn({1, 1, kSide + 4, kSide + 4}), 5, 1) * 10;
  y.select(1, 0).copy_(neighbours_share * smooth.squeeze(1) + (1 - neighbours_share) * y.select(1, 0));
  const auto index = torch::full_like(y, scale);
  CodedLatent coded;
  coded.z = torch::zeros({1, config().hyper, kSide / 4, kSide / 4});
  coded.mean = torch::zeros_like(y);
  coded.scale_index = index;
  coded.y_hat = quantize(y, index);
  statistics.add(y, coded, quality);
}

double sum_of_weights(const LatentStatistics& s, int anchor, int pass, std::size_t channel) {
  double sum = 0;
  for (int n = 0; n < entropy::kContextNeighbours; ++n) {
    const auto at = static_cast<std::size_t>(
                        (anchor * entropy::kContextPasses + pass) * entropy::kContextNeighbours + n) *
                        3 +
                    channel;
    sum += s.context().weights[at] / 128.0;
  }
  return sum;
}

TEST(LatentStatistics, WeightsFindWhatNeighboursTell) {
  torch::manual_seed(5);
  LatentStatistics statistics(config());
  for (int i = 0; i < 4; ++i) {
    add_made(statistics, 1, 1.0);
    add_made(statistics, 100, 0.0);
  }
  statistics.fit();
  for (const int pass : {0, 1}) {
    EXPECT_GT(sum_of_weights(statistics, 0, pass, 0), 0.6) << "pass " << pass;
    EXPECT_NEAR(sum_of_weights(statistics, 0, pass, 1), 0, 0.1) << "pass " << pass;
    EXPECT_NEAR(sum_of_weights(statistics, 1, pass, 0), 0, 0.1) << "pass " << pass;  // of the other anchor
  }
}

TEST(LatentStatistics, TablesAreWhatWasMet) {
  torch::manual_seed(6);
  LatentStatistics statistics(config());
  for (int i = 0; i < 4; ++i) add_made(statistics, 50, 0.0);
  statistics.fit();
  const auto tables = statistics.tables();
  ASSERT_EQ(tables.size(), static_cast<std::size_t>(entropy::kTableRows * entropy::kActivities));
  for (const auto& data : tables) EXPECT_NO_THROW(entropy::FrequencyTable(data.first, data.frequencies));
  // Normal, of a standard deviation of 2: the mean magnitude in steps of 9/8.
  EXPECT_NEAR(statistics.context().expected[kScale], 1.6 / 1.125 * entropy::kMagnitudeUnit,
              0.15 * entropy::kMagnitudeUnit);
  // Both quantizers' middle activities are met. Q0's zeros are what is nearest to them; in Q1 they cost more than
  // +-1, which are almost as near, and are taken less often.
  const auto zero = [&](entropy::Quantizer quantizer) {
    const auto row = static_cast<std::size_t>(entropy::table_row(kScale, quantizer));
    const auto& met = tables[row * entropy::kActivities + entropy::kActivities / 2];
    const double edge = entropy::lower_edge(1, quantizer) / entropy::scale_at(kScale);
    const double nearest = std::erf(edge / std::sqrt(2.0));
    return entropy::FrequencyTable(met.first, met.frequencies).bits(0) + std::log2(nearest);
  };
  EXPECT_NEAR(zero(entropy::Quantizer::kQ0), 0, 0.3);
  EXPECT_GT(zero(entropy::Quantizer::kQ1), 0.3);
  EXPECT_LT(zero(entropy::Quantizer::kQ1), 1.5);
}

TEST(LatentStatistics, TablesOfWholeSymbolsAreWhatWasMet) {
  torch::manual_seed(7);
  LatentStatistics statistics(config());
  for (int i = 0; i < 4; ++i) add_made(statistics, 50, 0.0, kWholeScale);
  statistics.fit();
  // Normal symbols with their dead zone: the middle activity is met most and knows.
  const auto& met = statistics.tables()[kWholeScale * entropy::kActivities + entropy::kActivities / 2];
  const double zeros =
      std::erf((0.5 + dead_zones()[kWholeScale]) / (entropy::scale_at(kWholeScale) * std::sqrt(2.0)));
  EXPECT_NEAR(entropy::FrequencyTable(met.first, met.frequencies).bits(0), -std::log2(zeros), 0.1);
}

TEST(LatentStatistics, OfNothingAreTheDensities) {
  LatentStatistics statistics(config());
  statistics.fit();
  for (const auto w : statistics.context().weights) EXPECT_EQ(w, 0);
  const auto tables = statistics.tables();
  ASSERT_EQ(tables.size(), static_cast<std::size_t>(entropy::kTableRows * entropy::kActivities));
  const std::array<double, entropy::kCountedMagnitudes> nothing{};
  for (std::size_t t = 0; t < tables.size(); ++t) {
    const int row = static_cast<int>(t) / entropy::kActivities;
    const auto density = entropy::symbol_table(nothing, entropy::scale_at(entropy::scale_of_row(row)), 1000,
                                               entropy::quantizer_of_row(row));
    EXPECT_EQ(tables[t].first, density.first) << t;
    EXPECT_EQ(tables[t].frequencies, density.frequencies) << t;
  }
}

}  // namespace
}  // namespace vaec::nn
