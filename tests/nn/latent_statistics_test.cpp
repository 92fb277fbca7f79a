#include "nn/latent_statistics.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "entropy/frequency_table.hpp"
#include "nn/rate.hpp"

namespace vaec::nn {
namespace {

constexpr int kScale = 24;  // its standard deviation is about 2

model::PhotoConfig config() {
  model::PhotoConfig c;
  c.latent = 3;
  c.lf = {2};
  c.levels = 2;
  return c;
}

// A latent of channel 0 that neighbours tell of and channel 1 that they do not, predicted as 0; channel 2 is the LF
// image.
void add_made(LatentStatistics& statistics, int quality, double neighbours_share) {
  constexpr std::int64_t kSide = 48;
  auto y = torch::randn({1, 3, kSide, kSide}) * 2;
  auto smooth = torch::avg_pool2d(torch::randn({1, 1, kSide + 4, kSide + 4}), 5, 1) * 10;
  y.select(1, 0).copy_(neighbours_share * smooth.squeeze(1) + (1 - neighbours_share) * y.select(1, 0));
  const auto index = torch::full_like(y, kScale);
  CodedLatent coded;
  coded.z = torch::zeros({1, config().hyper, kSide / 4, kSide / 4});
  coded.mean = torch::zeros_like(y);
  coded.scale_index = index;
  coded.y_hat = choose_symbols(y, index);
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
  ASSERT_EQ(tables.size(), 64U * entropy::kActivities);
  for (const auto& data : tables) EXPECT_NO_THROW(entropy::FrequencyTable(data.first, data.frequencies));
  EXPECT_NEAR(statistics.context().expected[kScale], 1.6 * entropy::kMagnitudeUnit,
              0.15 * entropy::kMagnitudeUnit);
  // Normal symbols with their dead zone: the middle activity is met most and knows.
  const auto& met = tables[kScale * entropy::kActivities + entropy::kActivities / 2];
  const double zeros = std::erf((0.5 + dead_zones()[kScale]) / (2 * std::sqrt(2.0)));
  EXPECT_NEAR(entropy::FrequencyTable(met.first, met.frequencies).bits(0), -std::log2(zeros), 0.1);
}

}  // namespace
}  // namespace vaec::nn
