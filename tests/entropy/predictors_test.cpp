// The predictors of the LF image and of the hyper-latent, and the tables that code what they leave.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "entropy/frequency_table.hpp"
#include "entropy/hyper_predictor.hpp"
#include "entropy/lf_precision.hpp"
#include "entropy/lf_predictor.hpp"
#include "entropy/predicted_table.hpp"
#include "entropy/range_coder.hpp"

namespace vaec::entropy {
namespace {

// An LF image in halves of a rounding step. In its left `coarse` columns, whole tiles, values are multiples of kLfUnit.
struct LfPicture {
  int rows, columns, channels;
  std::vector<std::int32_t> values;
  int coarse = 0;
};

std::int32_t step_at(const LfPicture& picture, std::size_t i) {
  const auto position = i / static_cast<std::size_t>(picture.channels);
  const auto column = static_cast<int>(position % static_cast<std::size_t>(picture.columns));
  return column < picture.coarse ? kLfUnit : 1;
}

std::vector<FrequencyTable> made(const std::vector<TableData>& data) {
  std::vector<FrequencyTable> tables;
  for (const auto& table : data) tables.emplace_back(table.first, table.frequencies);
  return tables;
}

// Tables that were counted nowhere.
const std::vector<FrequencyTable>& plain_tables() {
  static const auto tables = made(PredictedCounts().tables());
  return tables;
}

std::vector<std::byte> encoded(const LfPicture& picture, const std::vector<FrequencyTable>& tables) {
  LfPredictor predictor(picture.columns, picture.channels);
  RangeEncoder coder;
  for (std::size_t i = 0; i < picture.values.size(); ++i) {
    const auto predicted = predictor.next(step_at(picture, i));
    const auto& table = tables[static_cast<std::size_t>(predicted.table)];
    table.encode(coder, predicted.symbol_of(picture.values[i]));
    predictor.put(picture.values[i]);
  }
  return coder.finish();
}

// What a picture takes by its tables, in bytes. A stream may be shorter by far: it ends where all that follows is the
// most frequent value.
double coded_bytes(const LfPicture& picture, const std::vector<FrequencyTable>& tables) {
  LfPredictor predictor(picture.columns, picture.channels);
  double bits = 0;
  for (std::size_t i = 0; i < picture.values.size(); ++i) {
    const auto predicted = predictor.next(step_at(picture, i));
    bits += tables[static_cast<std::size_t>(predicted.table)].bits(predicted.symbol_of(picture.values[i]));
    predictor.put(picture.values[i]);
  }
  return bits / 8;
}

std::vector<std::int32_t> decoded(const std::vector<std::byte>& stream, const LfPicture& like,
                                  const std::vector<FrequencyTable>& tables) {
  LfPredictor predictor(like.columns, like.channels);
  RangeDecoder coder(stream);
  std::vector<std::int32_t> values;
  while (values.size() < like.values.size()) {
    const auto predicted = predictor.next(step_at(like, values.size()));
    values.push_back(predicted.value_of(tables[static_cast<std::size_t>(predicted.table)].decode(coder)));
    predictor.put(values.back());
  }
  coder.expect_end();
  return values;
}

template <typename Value>
LfPicture drawn(int rows, int columns, int channels, const Value& value) {
  LfPicture picture{rows, columns, channels, {}, 0};
  for (int row = 0; row < rows; ++row) {
    for (int column = 0; column < columns; ++column) {
      for (int c = 0; c < channels; ++c) picture.values.push_back(value(row, column, c));
    }
  }
  return picture;
}

TEST(ErrorClass, IsAHalfOctave) {
  EXPECT_EQ(error_class(0), 0);
  EXPECT_EQ(error_class(7), 0);
  EXPECT_EQ(error_class(8), 1);
  EXPECT_EQ(error_class(11), 1);
  EXPECT_EQ(error_class(12), 2);  // 8 * sqrt(2) = 11.3
  EXPECT_EQ(error_class(15), 2);
  EXPECT_EQ(error_class(16), 3);
  EXPECT_EQ(error_class(0xFFFFFFFF), kErrorClasses - 1);
  for (std::uint32_t e = 1; e < 100000; ++e) ASSERT_GE(error_class(e), error_class(e - 1)) << e;
}

TEST(PredictedInteger, CountsTowardsTheSideOfThePrediction) {
  // 5.25: the nearest is 5, and 6 is on the prediction's side.
  const PredictedInteger above(84, 0);
  EXPECT_EQ(above.nearest, 5);
  EXPECT_EQ(above.symbol_of(6), 1);
  EXPECT_EQ(above.symbol_of(4), -1);
  EXPECT_EQ(above.table, 1);  // 4 sixteenths
  // 4.75: the nearest is 5, and 4 is on its side.
  const PredictedInteger below(76, 0);
  EXPECT_EQ(below.nearest, 5);
  EXPECT_EQ(below.symbol_of(4), 1);
  EXPECT_EQ(below.table, 1);
  for (std::int32_t prediction = -100; prediction <= 100; ++prediction) {
    const PredictedInteger predicted(prediction, 300);
    EXPECT_LE(std::abs(16 * predicted.nearest - prediction), 8);
    EXPECT_GE(predicted.table, 0);
    EXPECT_LT(predicted.table, kPredictedTables);
    for (std::int32_t value = -9; value <= 9; ++value) {
      EXPECT_EQ(predicted.value_of(predicted.symbol_of(value)), value);
    }
    // What lies on the prediction's side is nearer: a symbol of 1 than one of -1.
    EXPECT_LE(std::abs(16 * predicted.value_of(1) - prediction),
              std::abs(16 * predicted.value_of(-1) - prediction));
  }
}

RC_GTEST_PROP(LfPredictor, EveryPictureComesBack, ()) {
  const int rows = *rc::gen::inRange(1, 9), columns = *rc::gen::inRange(1, 9),
            channels = *rc::gen::inRange(1, 9);
  const int size = *rc::gen::element(1, 30, 5000, kLfMaximum);
  std::mt19937 random(*rc::gen::arbitrary<std::uint32_t>());
  const int coarse = *rc::gen::inRange(0, columns + 1);
  auto picture = drawn(rows, columns, channels, [&](int, int column, int) {
    const auto value =
        static_cast<std::int32_t>(random() % (2 * static_cast<std::uint32_t>(size) + 1)) - size;
    return column < coarse ? value / kLfUnit * kLfUnit : value;
  });
  picture.coarse = coarse;
  RC_ASSERT(decoded(encoded(picture, plain_tables()), picture, plain_tables()) == picture.values);
}

TEST(LfPredictor, AFlatPictureCostsNothing) {
  const auto flat = drawn(64, 64, 3, [](int, int, int c) { return 57 * (1 - c); });
  EXPECT_LT(encoded(flat, plain_tables()).size(), 20U);
}

// Of whole numbers. Predictions from the rounded values alone take 815 bytes by these tables.
TEST(LfPredictor, AGradientCostsLittle) {
  const auto gradient =
      drawn(64, 64, 3, [](int row, int column, int c) { return c == 0 ? 2 * column + row : -row; });
  EXPECT_LT(coded_bytes(gradient, plain_tables()), 680);
}

// What is off about a gradient is the rounding of its values. Predictions from the rounded values alone take 999 bytes.
TEST(LfPredictor, SeesASlopeThroughItsRounding) {
  const auto gradient = drawn(64, 64, 3, [](int row, int column, int c) {
    return static_cast<std::int32_t>(std::lround((c == 0   ? 1
                                                  : c == 1 ? -0.6
                                                           : 0.3) *
                                                 (0.31 * column + 0.17 * row)));
  });
  EXPECT_LT(encoded(gradient, plain_tables()).size(), 880U);
}

// Values whose differences are noise of a few steps cost what the noise's entropy is, and a little more.
TEST(LfPredictor, NoiseCostsWhatItHolds) {
  std::mt19937 random(3);
  std::normal_distribution<double> noise(0, 4);
  const auto picture = drawn(100, 100, 1, [&](int row, int, int) {
    return static_cast<std::int32_t>(std::lround(3 * row + noise(random)));
  });
  const double entropy = std::log2(4 * std::sqrt(2 * 3.14159265 * 2.71828183));  // bits a value
  // No prediction from noisy neighbours is better than their mean.
  EXPECT_LT(8.0 * static_cast<double>(encoded(picture, plain_tables()).size()), 1.15 * entropy * 100 * 100);
}

// What is computed is part of the format: a picture of all kinds, as bytes.
TEST(LfPredictor, GoldenBytes) {
  const auto picture = drawn(7, 9, 2, [](int row, int column, int c) {
    return kLfUnit * ((row * 7 + column * column * 3 + c * 11) % 23 - 8 + (row == 3 ? 4000 * c : 0));
  });
  std::uint32_t hash = 2166136261U;
  int at = 0;
  LfPredictor predictor(picture.columns, picture.channels);
  for (const auto value : picture.values) {
    const auto predicted = predictor.next(at++ % 6 < 4 ? kLfUnit : 1);
    for (const auto part :
         {predicted.table, static_cast<int>(predicted.nearest), predicted.is_mirrored ? 1 : 0}) {
      hash = (hash ^ static_cast<std::uint32_t>(part)) * 16777619U;
    }
    predictor.put(value);
  }
  EXPECT_EQ(hash, 4026668288U);
}

// A prediction that holds for all: what is flat in halves is foretold in whole steps as well.
TEST(LfPredictor, KnowsTheValuesAroundWhateverTheirStep) {
  auto flat = drawn(16, 32, 1, [](int, int, int) { return 5 * kLfUnit; });
  flat.coarse = 16;
  EXPECT_LT(encoded(flat, plain_tables()).size(), 12U);
}

PredictedInteger any_prediction(std::int32_t step) { return {0, 0, step}; }

// 0 takes a bit less than half a bit, 1 and -1 three bits each.
FrequencyTable mostly_zero() { return {-1, std::vector<std::uint16_t>{8192, 49151, 8192, 1}}; }

// Between 0 and 1 the cheaper one, as long as it is not much further off; what is close stays as it is.
TEST(ChoosePredicted, WeighsBitsAgainstErrors) {
  const auto table = mostly_zero();
  const PredictedInteger predicted(0, 256);
  EXPECT_EQ(choose_predicted(0.52, predicted, table, 20), 0);
  EXPECT_EQ(choose_predicted(-0.52, predicted, table, 20), 0);
  // 2.585 bits are 20 times 2 * 0.0646.
  EXPECT_EQ(choose_predicted(0.56, predicted, table, 20), 0);
  EXPECT_EQ(choose_predicted(0.57, predicted, table, 20), 1);
  EXPECT_EQ(choose_predicted(-0.57, predicted, table, 20), -1);
  EXPECT_EQ(choose_predicted(0.52, predicted, table, 1e9), 1);
}

TEST(ChoosePredicted, KeepsToTheStep) {
  const auto table = mostly_zero();
  const PredictedInteger predicted(0, 256, 2);
  EXPECT_EQ(choose_predicted(1.1, predicted, table, 5), 0);
  EXPECT_EQ(choose_predicted(1.2, predicted, table, 5), 2);
  EXPECT_EQ(choose_predicted(-1.2, predicted, table, 5), -2);
}

TEST(ChoosePredicted, BoundsWhatIsOutside) {
  const auto table = mostly_zero();
  EXPECT_EQ(choose_hyper(1e30F, any_prediction(1), table), kHyperMaximum);
  EXPECT_EQ(choose_hyper(-1e30F, any_prediction(1), table), -kHyperMaximum);
  EXPECT_EQ(std::abs(choose_hyper(std::nanf(""), any_prediction(1), table)), kHyperMaximum);
  EXPECT_EQ(choose_lf(1e30F, any_prediction(kLfUnit), table), kLfMaximum);
  EXPECT_EQ(choose_lf(-1e30F, any_prediction(1), table), -kLfMaximum);
  EXPECT_EQ(std::abs(choose_lf(std::nanf(""), any_prediction(1), table)), kLfMaximum);
}

TEST(QuantizeLf, TakesTheNearestMultipleOfTheStep) {
  EXPECT_EQ(quantize_lf(2.3F, any_prediction(1)), 5);  // 4.6 halves
  EXPECT_EQ(quantize_lf(2.3F, any_prediction(kLfUnit)), 4);
  EXPECT_EQ(quantize_lf(-2.7F, any_prediction(1)), -5);
  EXPECT_EQ(quantize_lf(-2.7F, any_prediction(kLfUnit)), -6);
  EXPECT_EQ(quantize_lf(1e30F, any_prediction(kLfUnit)), kLfMaximum);
  EXPECT_EQ(quantize_lf(-1e30F, any_prediction(1)), -kLfMaximum);
  EXPECT_EQ(std::abs(quantize_lf(std::nanf(""), any_prediction(1))), kLfMaximum);
}

std::vector<std::byte> encoded_tiles(const std::vector<char>& tiles, int columns) {
  LfPrecision precision(columns);
  RangeEncoder coder;
  for (const char is_fine : tiles) precision.encode(coder, is_fine != 0);
  return coder.finish();
}

RC_GTEST_PROP(LfPrecision, EveryTileComesBack, ()) {
  const int columns = *rc::gen::inRange(1, 40), across = (columns + kLfTile - 1) / kLfTile;
  const int down = *rc::gen::inRange(1, 6);
  const auto tiles = *rc::gen::container<std::vector<char>>(static_cast<std::size_t>(across * down),
                                                            rc::gen::element<char>(0, 1));
  const auto stream = encoded_tiles(tiles, columns);
  RangeDecoder coder(stream);
  LfPrecision precision(columns);
  for (std::size_t i = 0; i < tiles.size(); ++i) {
    precision.decode(coder);
    const auto column = static_cast<int>(i) % across * kLfTile;
    RC_ASSERT(precision.step(column) == (tiles[i] != 0 ? 1 : kLfUnit));
    RC_ASSERT(precision.step(std::min(columns - 1, column + kLfTile - 1)) == precision.step(column));
  }
  coder.expect_end();
}

TEST(LfPrecision, CostsNothingWhereAllTilesAreAlike) {
  EXPECT_LT(encoded_tiles(std::vector<char>(400, 0), 80).size(), 3U);
  EXPECT_LT(encoded_tiles(std::vector<char>(400, 1), 80).size(), 4U);
  // The right half of each row.
  std::vector<char> halves;
  for (int i = 0; i < 400; ++i) halves.push_back(i % 20 < 10 ? 0 : 1);
  EXPECT_LT(encoded_tiles(halves, 80).size(), 20U);
}

// 10 rows of 14 columns with 2 channels, the way an encoder sees them: a row of tiles at a time.
template <typename Value>
std::vector<char> smooth_ones(const Value& value) {
  constexpr int kRows = 10, kColumns = 14, kChannels = 2;
  std::vector<float> lf;
  for (int row = 0; row < kRows; ++row) {
    for (int column = 0; column < kColumns; ++column) {
      for (int c = 0; c < kChannels; ++c) lf.push_back(static_cast<float>(value(row, column, c)));
    }
  }
  std::vector<char> all;
  for (int row = 0; row < kRows; row += kLfTile) {
    const auto* from = lf.data() + row * kColumns * kChannels;
    const auto tiles = smooth_tiles(from, row > 0 ? from - kColumns * kChannels : nullptr,
                                    std::min(kLfTile, kRows - row), kColumns, kChannels);
    all.insert(all.end(), tiles.begin(), tiles.end());
  }
  return all;
}

TEST(SmoothTiles, AreThoseThatAreNearlyFlat) {
  const std::vector<char> all(12, 1), none(12, 0);
  EXPECT_EQ(smooth_ones([](int, int, int c) { return 3.7 + c; }), all);
  EXPECT_EQ(smooth_ones([](int row, int column, int c) { return 0.04 * row - 0.03 * column * c; }), all);
  EXPECT_EQ(smooth_ones([](int row, int column, int c) { return 0.31 * row - 0.17 * column * c; }), none);
  std::mt19937 random(8);
  std::normal_distribution<double> noise(0, 0.5);
  EXPECT_EQ(smooth_ones([&](int, int, int) { return noise(random); }), none);
  // Noise in the left four columns: the tiles beside may see their edge.
  const auto half = smooth_ones([&](int, int column, int) { return column < 4 ? 4 * noise(random) : 0; });
  for (std::size_t i = 0; i < half.size(); ++i) {
    if (i % 4 != 1) {
      EXPECT_EQ(half[i], i % 4 == 0 ? 0 : 1) << i;
    }
  }
}

struct HyperModel {
  std::vector<std::int32_t> means, expected;
  std::vector<std::int8_t> weights;
  [[nodiscard]] HyperParameters parameters() const { return {means, expected, weights}; }
};

HyperModel made_hyper_model(std::size_t channels, std::uint32_t seed) {
  std::mt19937 random(seed);
  HyperModel model;
  for (std::size_t c = 0; c < channels; ++c) {
    model.means.push_back(static_cast<std::int32_t>(random() % 4065) - 2032);
    model.expected.push_back(static_cast<std::int32_t>(1 + random() % 3000));
  }
  for (std::size_t i = 0; i < kHyperNeighbours * channels; ++i) {
    model.weights.push_back(static_cast<std::int8_t>(random() % 256));
  }
  return model;
}

RC_GTEST_PROP(HyperPredictor, EveryValueComesBack, ()) {
  const auto channels = *rc::gen::inRange<std::size_t>(1, 6);
  const int columns = *rc::gen::inRange(1, 6), rows = *rc::gen::inRange(1, 6);
  const auto model = made_hyper_model(channels, *rc::gen::arbitrary<std::uint32_t>());
  std::mt19937 random(*rc::gen::arbitrary<std::uint32_t>());
  std::vector<std::int32_t> values;
  for (std::size_t i = 0; i < channels * static_cast<std::size_t>(rows * columns); ++i) {
    values.push_back(static_cast<std::int32_t>(random() % 255) - 127);
  }
  RangeEncoder encoder;
  HyperPredictor there(model.parameters(), columns);
  for (const auto value : values) {
    const auto predicted = there.next();
    plain_tables()[static_cast<std::size_t>(predicted.table)].encode(encoder, predicted.symbol_of(value));
    there.put(value);
  }
  const auto stream = encoder.finish();
  RangeDecoder decoder(stream);
  HyperPredictor here(model.parameters(), columns);
  for (const auto value : values) {
    const auto predicted = here.next();
    RC_ASSERT(predicted.value_of(plain_tables()[static_cast<std::size_t>(predicted.table)].decode(decoder)) ==
              value);
    here.put(value);
  }
  decoder.expect_end();
}

// What does not change is expected not to, whatever its mean.
TEST(HyperPredictor, LearnsHowFarOffItIs) {
  HyperModel model{{0, 160}, {512, 512}, std::vector<std::int8_t>(2 * kHyperNeighbours)};
  for (auto& weight : model.weights) weight = 32;  // the mean of the four neighbours
  HyperPredictor predictor(model.parameters(), 10);
  int table = 0;
  for (int i = 0; i < 10 * 10; ++i) {
    for (const std::int32_t value : {0, 10}) {
      table = predictor.next().table;
      predictor.put(value);
    }
  }
  EXPECT_LT(table / kPhases, error_class(512) - 6);
}

// The hyper-latent of a flat picture: in each channel one value, but others along the borders. A linear prediction that
// serves other pictures, nearer to the mean than the neighbours are, is off everywhere.
TEST(HyperPredictor, WhatRepeatsCostsNothing) {
  constexpr int kSide = 16, kChannels = 64;
  HyperModel model{std::vector<std::int32_t>(kChannels, 3), std::vector<std::int32_t>(kChannels, 200), {}};
  for (const std::int8_t weight : {40, 40, 0, 10})
    model.weights.insert(model.weights.end(), kChannels, weight);
  HyperPredictor predictor(model.parameters(), kSide);
  double bits = 0;
  for (int row = 0; row < kSide; ++row) {
    for (int column = 0; column < kSide; ++column) {
      const int row_place = (row > 0) + (row == kSide - 1),
                column_place = (column > 0) + (column == kSide - 1);
      for (int c = 0; c < kChannels; ++c) {
        // -2..2, in most channels 0.
        const int value = c % 4 != 0 ? 0 : (c / 4 + 3 * row_place + 7 * column_place) % 5 - 2;
        const auto predicted = predictor.next();
        if (row > 1 && row < kSide - 1 && column > 1 && column < kSide - 1) {
          bits += plain_tables()[static_cast<std::size_t>(predicted.table)].bits(predicted.symbol_of(value));
        }
        predictor.put(value);
      }
    }
  }
  EXPECT_LT(bits, 0.01 * (kSide - 3) * (kSide - 3) * kChannels);
}

// What is computed is part of the format.
TEST(HyperPredictor, GoldenBytes) {
  const auto model = made_hyper_model(5, 1);
  HyperPredictor predictor(model.parameters(), 6);
  std::mt19937 random(2);
  std::uint32_t hash = 2166136261U;
  for (int i = 0; i < 5 * 6 * 7; ++i) {
    const auto predicted = predictor.next();
    for (const auto part :
         {predicted.table, static_cast<int>(predicted.nearest), predicted.is_mirrored ? 1 : 0}) {
      hash = (hash ^ static_cast<std::uint32_t>(part)) * 16777619U;
    }
    predictor.put(i % 7 == 0 ? static_cast<std::int32_t>(random() % 255) - 127 : 3);
  }
  EXPECT_EQ(hash, 3140500742U);
}

TEST(PredictedCounts, TablesFollowWhatWasCounted) {
  PredictedCounts counts;
  for (int i = 0; i < 100000; ++i) counts.add(12, i % 4 == 0 ? 1 : 0);
  const auto tables = made(counts.tables());
  EXPECT_NEAR(tables[12].bits(0), -std::log2(0.75), 0.01);
  EXPECT_NEAR(tables[12].bits(1), 2, 0.01);
  EXPECT_GT(tables[12].bits(-1), 10);
  // Where nothing was counted a table is as wide as its class says.
  const double wide = tables[13 * kPhases].bits(0), narrow = tables[2 * kPhases].bits(0);
  EXPECT_GT(wide, narrow + 1);
}

}  // namespace
}  // namespace vaec::entropy
