#include "entropy/trellis.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "entropy/symbol_table.hpp"

namespace vaec::entropy {
namespace {

// Tables by the density, of the rows of one scale.
class Tables {
 public:
  explicit Tables(int scale) : scale_(scale) {
    const std::array<double, kCountedMagnitudes> nothing{};
    for (const auto quantizer : {Quantizer::kQ0, Quantizer::kQ1}) {
      const auto data = symbol_table(nothing, scale_at(scale), 1000, quantizer);
      tables_.emplace_back(data.first, data.frequencies);
    }
    bits_ = SymbolBits(tables_);
  }
  [[nodiscard]] SymbolBits::Table q0() const { return bits_[0]; }
  [[nodiscard]] SymbolBits::Table q1() const { return bits_[1]; }
  // Of symbols coded one after the other: bits + weight * squared error.
  [[nodiscard]] double cost(const std::vector<float>& differences, const std::vector<std::int32_t>& symbols,
                            double weight) const {
    double cost = 0;
    QuantizerChain chain;
    for (std::size_t i = 0; i < symbols.size(); ++i) {
      const auto quantizer = chain.next(scale_);
      const double error = differences[i] - static_cast<double>(value_of(symbols[i], quantizer)) / kValueUnit;
      cost += tables_[quantizer == Quantizer::kQ1].bits(symbols[i]) + weight * error * error;
      chain.put(symbols[i], quantizer);
    }
    return cost;
  }

 private:
  int scale_;
  std::vector<FrequencyTable> tables_;
  SymbolBits bits_;
};

std::vector<std::int32_t> chosen(const std::vector<float>& differences, const Tables& tables, float weight) {
  Trellis trellis;
  trellis.begin(weight);
  for (const auto d : differences) trellis.add(d, tables.q0(), tables.q1());
  const auto symbols = trellis.finish();
  return {symbols.begin(), symbols.end()};
}

// The least cost of all symbols of -3..3.
double least_cost(const std::vector<float>& differences, const Tables& tables, double weight) {
  std::vector<std::int32_t> symbols(differences.size(), -3);
  double least = tables.cost(differences, symbols, weight);
  for (;;) {
    std::size_t i = 0;
    while (i < symbols.size() && symbols[i] == 3) symbols[i++] = -3;
    if (i == symbols.size()) return least;
    ++symbols[i];
    least = std::min(least, tables.cost(differences, symbols, weight));
  }
}

TEST(DependentQuantizer, ValuesOfBothTogetherAreEvenlySpaced) {
  std::vector<std::int32_t> values;
  for (std::int32_t k = -3; k <= 3; ++k) {
    values.push_back(value_of(k, Quantizer::kQ0));
    if (k != 0) values.push_back(value_of(k, Quantizer::kQ1));
    EXPECT_EQ(value_of(k, Quantizer::kWhole), 16 * k);
  }
  std::sort(values.begin(), values.end());
  for (std::size_t i = 0; i < values.size(); ++i) {
    EXPECT_EQ(values[i], 9 * (static_cast<std::int32_t>(i) - 6));
  }
}

TEST(DependentQuantizer, EdgesAreHalfwayBetweenValues) {
  for (const auto quantizer : {Quantizer::kWhole, Quantizer::kQ0, Quantizer::kQ1}) {
    EXPECT_EQ(lower_edge(0, quantizer), 0);
    for (std::int32_t k = 1; k < 5; ++k) {
      const double below = value_of(k - 1, quantizer) / 16.0, here = value_of(k, quantizer) / 16.0;
      EXPECT_DOUBLE_EQ(lower_edge(k, quantizer), (below + here) / 2);
    }
  }
}

TEST(DependentQuantizer, RowsTellScaleAndQuantizer) {
  for (int row = 0; row < kTableRows; ++row) {
    EXPECT_EQ(table_row(scale_of_row(row), quantizer_of_row(row)), row);
  }
  EXPECT_EQ(quantizer_of_row(kDependentScale - 1), Quantizer::kWhole);
  EXPECT_EQ(quantizer_of_row(kDependentScale), Quantizer::kQ0);
  EXPECT_EQ(table_row(kDependentScale, Quantizer::kQ1), kScaleCount);
}

// From each state the two parities lead to two states, and into each lead two: no symbols are better off for where
// they stand.
TEST(DependentQuantizer, EveryStateIsReachedFromTwo) {
  std::array<int, kTrellisStates> reached{};
  for (const auto& next : kNextState) {
    EXPECT_NE(next[0], next[1]);
    for (const auto state : next) ++reached[state];
  }
  for (const int count : reached) EXPECT_EQ(count, 2);
}

// Small scales stand outside the chain.
TEST(DependentQuantizer, WholeSymbolsDoNotMoveTheState) {
  QuantizerChain chain;
  EXPECT_EQ(chain.next(20), Quantizer::kQ0);
  chain.put(1, chain.next(kDependentScale - 1));
  EXPECT_EQ(chain.next(20), Quantizer::kQ0);
  chain.put(-1, chain.next(20));
  EXPECT_EQ(chain.next(20), Quantizer::kQ1);
}

TEST(Trellis, FindsTheLeastCost) {
  std::mt19937 random(1);
  for (const int scale : {12, 16, 22}) {
    const Tables tables(scale);
    std::normal_distribution<float> drawn(0, static_cast<float>(scale_at(scale)));
    for (int trial = 0; trial < 12; ++trial) {
      std::vector<float> differences(6);
      for (auto& d : differences) d = std::clamp(drawn(random), -2.5F, 2.5F);
      const auto symbols = chosen(differences, tables, 14);
      EXPECT_NEAR(tables.cost(differences, symbols, 14), least_cost(differences, tables, 14), 1e-3);
    }
  }
}

// What it is for: with weight on errors alone, 8 states come within 0.5 dB of 1.53 dB, the most that any
// quantizer saves at equal density of its values (Marcellin and Fischer 1990: 1.10 dB for uniform sources).
TEST(Trellis, ErrorsAreSmallerThanOfEquallyManyValues) {
  std::mt19937 random(2);
  std::uniform_real_distribution<float> drawn(-40, 40);
  const Tables tables(50);
  std::vector<float> differences(20000);
  for (auto& d : differences) d = drawn(random);
  const auto symbols = chosen(differences, tables, 1e5);
  const double error = tables.cost(differences, symbols, 1e5) / 1e5 / static_cast<double>(symbols.size());
  const double step = 2.0 * kHalfStep / kValueUnit;
  const double gain = 10 * std::log10(step * step / 12 / error);
  EXPECT_GT(gain, 1.0);
  EXPECT_LT(gain, 1.2);
}

TEST(Trellis, TakesAnyDifference) {
  const Tables tables(30);
  const float nan = std::numeric_limits<float>::quiet_NaN(),
              infinite = std::numeric_limits<float>::infinity();
  for (const auto symbol : chosen({nan, infinite, -infinite, 1e30F, -1e30F, 0, 1e-30F}, tables, 14)) {
    EXPECT_LE(std::abs(symbol), kLargestSymbol);
  }
  EXPECT_TRUE(chosen({}, tables, 14).empty());
  EXPECT_EQ(chosen({0, 0, 0}, tables, 14), (std::vector<std::int32_t>{0, 0, 0}));
}

// A trellis keeps nothing of the position before.
TEST(Trellis, BeginsAnew) {
  const Tables tables(20);
  const std::vector<float> first{1.2F, -0.7F, 3.1F, 0.2F}, second{0.6F, 0.6F};
  Trellis trellis;
  for (const auto& differences : {first, second}) {
    trellis.begin(14);
    for (const auto d : differences) trellis.add(d, tables.q0(), tables.q1());
    const auto symbols = trellis.finish();
    EXPECT_EQ((std::vector<std::int32_t>{symbols.begin(), symbols.end()}), chosen(differences, tables, 14));
  }
}

// By the density, of whole symbols.
std::vector<FrequencyTable> density_tables(const std::vector<double>& scales) {
  const std::array<double, kCountedMagnitudes> nothing{};
  std::vector<FrequencyTable> tables;
  for (const double scale : scales) {
    const auto data = symbol_table(nothing, scale);
    tables.emplace_back(data.first, data.frequencies);
  }
  return tables;
}

TEST(ChooseWhole, TakesTheNearestOrOneLess) {
  const auto tables = density_tables({0.3, 1.0, 8.0});
  const SymbolBits bits(tables);
  for (std::size_t t = 0; t < tables.size(); ++t) {
    for (float d = -4; d <= 4; d += 0.037F) {
      const auto nearest = static_cast<std::int32_t>(std::nearbyint(d));
      const auto smaller = nearest - (nearest > 0) + (nearest < 0);
      const auto cost = [&](std::int32_t v) {
        return tables[t].bits(v) + 20 * std::pow(d - static_cast<float>(v), 2);
      };
      const auto symbol = choose_whole(d, bits[t], 20);
      EXPECT_TRUE(symbol == nearest || symbol == smaller) << d;
      EXPECT_LE(cost(symbol), std::min(cost(nearest), cost(smaller)) + 1e-4) << d;
      EXPECT_EQ(choose_whole(d, bits[t], 1e4), nearest) << d;
    }
  }
  EXPECT_EQ(choose_whole(std::numeric_limits<float>::quiet_NaN(), bits[0], 20), -kLargestSymbol);
}

TEST(SymbolBits, AreThoseOfTheTables) {
  const auto tables = density_tables({0.5, 3.0, 100.0});
  const SymbolBits bits(tables);
  for (std::size_t t = 0; t < tables.size(); ++t) {
    for (std::int32_t k = 0; k < 32; ++k) EXPECT_NEAR(bits[t](k), tables[t].bits(k), 1e-4) << t << " " << k;
  }
  EXPECT_NEAR(bits[2](60), tables[2].bits(60), 0.5);
  for (std::int32_t k = 32; k < 5000; ++k) ASSERT_GE(bits[1](k), bits[1](k - 1));
}

}  // namespace
}  // namespace vaec::entropy
