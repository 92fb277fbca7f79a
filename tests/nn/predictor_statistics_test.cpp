#include "nn/predictor_statistics.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstddef>
#include <utility>
#include <vector>

#include "entropy/lf_predictor.hpp"
#include "tiny_vae.hpp"

namespace vaec::nn {
namespace {

// Bits that an LF image of slopes takes for each value, without its first rows and columns. `slopes` of the channels, in steps a
// column; half of it a row.
double bits_of(const std::vector<entropy::TableData>& tables, const std::vector<double>& slopes) {
  constexpr int kSide = 24, kSkipped = 3;
  entropy::LfPredictor predictor(kSide, static_cast<int>(slopes.size()));
  double bits = 0;
  int counted = 0;
  for (int row = 0; row < kSide; ++row) {
    for (int column = 0; column < kSide; ++column) {
      for (std::size_t c = 0; c < slopes.size(); ++c) {
        const auto predicted = predictor.next(1);
        const auto& table =
            tables.at(c * entropy::kPredictedTables + static_cast<std::size_t>(predicted.table));
        const auto value =
            entropy::quantize_lf(static_cast<float>(slopes[c] * (column + 0.5 * row)), predicted);
        const auto at = static_cast<std::size_t>(predicted.symbol_of(value) - table.first);
        EXPECT_LT(at, table.frequencies.size());
        if (at >= table.frequencies.size()) return 16;
        predictor.put(value);
        if (row < kSkipped || column < kSkipped) continue;
        bits -= std::log2(table.frequencies.at(at) / 65536.0);
        ++counted;
      }
    }
  }
  return bits / counted;
}

// None of what was measured was smooth; what people compress often is.
TEST(PredictorStatisticsTest, FlatAndSlopingLfImagesTakeLittle) {
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
  const auto tables = statistics.lf_tables();
  for (const auto& [slope, most] : {std::pair(0.0, 0.04), {0.11, 0.5}, {0.37, 1.5}, {1.3, 2.6}}) {
    auto slopes = std::vector<double>(config.lf.size(), slope);
    slopes.back() *= -0.6;
    EXPECT_LT(bits_of(tables, slopes), most) << slope;
  }
}

}  // namespace
}  // namespace vaec::nn
