#include "nn/predictor_statistics.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstddef>

#include "entropy/lf_predictor.hpp"
#include "tiny_vae.hpp"

namespace vaec::nn {
namespace {

// Bits that a flat LF image takes for each value, without its first rows and columns.
double bits_of_flat(const std::vector<entropy::TableData>& tables, int channels) {
  constexpr int kSide = 16, kSkipped = 2;
  entropy::LfPredictor predictor(kSide, channels);
  double bits = 0;
  int counted = 0;
  for (int row = 0; row < kSide; ++row) {
    for (int column = 0; column < kSide; ++column) {
      for (int c = 0; c < channels; ++c) {
        const auto predicted = predictor.next(1);
        const auto& table = tables.at(static_cast<std::size_t>(c) * entropy::kPredictedTables +
                                      static_cast<std::size_t>(predicted.table));
        const auto at = static_cast<std::size_t>(predicted.symbol_of(0) - table.first);
        predictor.put(0);
        if (row < kSkipped || column < kSkipped) continue;
        bits -= std::log2(table.frequencies.at(at) / 65536.0);
        ++counted;
      }
    }
  }
  return bits / counted;
}

// None of what was measured was flat; what people compress often is.
TEST(PredictorStatisticsTest, AFlatLfImageTakesNextToNothing) {
  const auto vae = tiny_vae();
  const auto& config = vae->config();
  const auto channels = static_cast<std::int64_t>(config.lf.size());
  torch::manual_seed(1);
  PredictorStatistics statistics(config);
  for (int quality = 1; quality <= 64; ++quality) {
    statistics.add(4 * torch::randn({1, channels, 16, 16}), torch::randn({1, config.hyper, 4, 4}).round(),
                   quality);
  }
  statistics.fit();
  EXPECT_LT(bits_of_flat(statistics.lf_tables(), static_cast<int>(channels)), 0.02);
}

}  // namespace
}  // namespace vaec::nn
