#include "entropy/symbol_choice.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <random>
#include <vector>

#include "entropy/symbol_table.hpp"

namespace vaec::entropy {
namespace {

constexpr std::size_t kChoiceChannels = 24, kLf = 3;
constexpr int kSide = 6;

std::vector<FrequencyTable> density_tables() {
  const std::array<double, kCountedMagnitudes> nothing{};
  std::vector<FrequencyTable> tables;
  for (int row = 0; row < kTableRows; ++row) {
    const auto data = symbol_table(nothing, scale_at(scale_of_row(row)), 1000, quantizer_of_row(row));
    for (int a = 0; a < kActivities; ++a) tables.emplace_back(data.first, data.frequencies);
  }
  return tables;
}

std::vector<bool> lf_mask() {
  std::vector<bool> is_lf(kChoiceChannels, false);
  is_lf[kLf] = true;
  return is_lf;
}

struct Totals {
  double error = 0, bits = 0;
};

// Codes one position of `differences` in every place of a band.
Totals code(const SymbolBits& bits, const std::vector<FrequencyTable>& tables, float care, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> drawn(0, 1);
  const std::vector<std::int8_t> weights(kContextPasses * kContextNeighbours * kChoiceChannels, 0);
  std::vector<std::int32_t> expected(kScaleCount);
  for (int i = 0; i < kScaleCount; ++i) {
    expected[static_cast<std::size_t>(i)] = static_cast<std::int32_t>(std::min(32512.0, 180 * scale_at(i)));
  }
  LatentContext context({weights, expected}, kSide, kSide, kChoiceChannels);
  SymbolChoice choice(bits, lf_mask());
  Totals totals;
  for (std::size_t position = 0; position < kSide * kSide; ++position) {
    std::vector<float> differences(kChoiceChannels);
    std::vector<std::uint8_t> scales(kChoiceChannels);
    for (std::size_t c = 0; c < kChoiceChannels; ++c) {
      scales[c] = static_cast<std::uint8_t>(4 + random() % 20);
      differences[c] = static_cast<float>(scale_at(scales[c])) * drawn(random);
    }
    context.begin(position);
    choice.begin(context, differences.data(), scales.data(), care);
    QuantizerChain chain;
    for (std::size_t c = 0; c < kChoiceChannels; ++c) {
      if (c == kLf) {
        context.put(c, 0, scales[c], 0);
        continue;
      }
      const auto quantizer = chain.next(scales[c]);
      const int activity = context.activity(c);
      const auto symbol = choice.choose(c, quantizer, activity);
      const auto value = value_of(symbol, quantizer);
      totals.error += std::pow(differences[c] - static_cast<double>(value) / kValueUnit, 2);
      totals.bits += tables[static_cast<std::size_t>(table_row(scales[c], quantizer)) * kActivities +
                            static_cast<std::size_t>(activity)]
                         .bits(symbol);
      context.put(c, half_steps(symbol, quantizer), scales[c], value);
      chain.put(symbol, quantizer);
    }
  }
  return totals;
}

// The more care, the smaller the error and the more bits; chosen with care 1 they cost less than others do.
TEST(SymbolChoice, WeighsBitsAgainstErrors) {
  const auto tables = density_tables();
  const SymbolBits bits(tables);
  const auto loose = code(bits, tables, 0.5F, 3), chosen = code(bits, tables, 1, 3),
             careful = code(bits, tables, 2, 3), nearest = code(bits, tables, 1e4F, 3);
  EXPECT_LT(chosen.error, loose.error);
  EXPECT_LT(careful.error, chosen.error);
  EXPECT_LT(nearest.error, careful.error);
  EXPECT_LT(loose.bits, chosen.bits);
  EXPECT_LT(chosen.bits, careful.bits);
  EXPECT_LT(careful.bits, nearest.bits);
}

// The channel of the LF image takes no part in the chain: whatever its scale and difference are, the others' symbols
// stay.
TEST(SymbolChoice, LeavesTheLfImageOut) {
  const auto tables = density_tables();
  const SymbolBits bits(tables);
  const std::vector<std::int8_t> weights(kContextPasses * kContextNeighbours * kChoiceChannels, 0);
  const std::vector<std::int32_t> expected(kScaleCount, kMagnitudeUnit);
  std::vector<std::int32_t> symbols[2];
  for (const int other : {0, 1}) {
    LatentContext context({weights, expected}, 1, 1, kChoiceChannels);
    SymbolChoice choice(bits, lf_mask());
    std::vector<float> differences(kChoiceChannels);
    std::vector<std::uint8_t> scales(kChoiceChannels, 24);
    for (std::size_t c = 0; c < kChoiceChannels; ++c)
      differences[c] = std::sin(1.7F * static_cast<float>(c)) * 2;
    differences[kLf] = 1.0F;
    scales[kLf] = other == 0 ? 5 : 40;
    context.begin(0);
    choice.begin(context, differences.data(), scales.data(), 1);
    for (std::size_t c = 0; c < kChoiceChannels; ++c) {
      if (c != kLf) symbols[other].push_back(choice.choose(c, Quantizer::kQ0, 4));
    }
  }
  EXPECT_EQ(symbols[0], symbols[1]);
}

}  // namespace
}  // namespace vaec::entropy
