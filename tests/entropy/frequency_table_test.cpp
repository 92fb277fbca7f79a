#include "entropy/frequency_table.hpp"

#include <gtest/gtest.h>

#include <numeric>
#include <string>

#include "entropy/property.hpp"
#include "vaec/error.hpp"

namespace vaec::entropy {
namespace {

using Bytes = std::vector<std::byte>;
using Frequencies = std::vector<std::uint16_t>;

Bytes encode_all(const FrequencyTable& table, const std::vector<std::int32_t>& values) {
  RangeEncoder encoder;
  for (const std::int32_t value : values) table.encode(encoder, value);
  return encoder.finish();
}

std::vector<std::int32_t> decode_all(const FrequencyTable& table, const Bytes& stream, std::size_t count) {
  RangeDecoder decoder(stream);
  std::vector<std::int32_t> values;
  for (std::size_t i = 0; i < count; ++i) values.push_back(table.decode(decoder));
  decoder.expect_end();
  return values;
}

void expect_bad_table(std::int32_t first, const Frequencies& frequencies, const std::string& message) {
  try {
    (void)FrequencyTable(first, frequencies);
    FAIL() << "no error, expected: " << message;
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kModel);
    EXPECT_EQ(error.what(), message);
  }
}

TEST(FrequencyTable, RefusesBadTables) {
  expect_bad_table(0, {}, "frequency table: found 0 frequencies, expected 2 to 65536");
  expect_bad_table(0, {65535}, "frequency table: found 1 frequencies, expected 2 to 65536");
  expect_bad_table(0, {65535, 0}, "frequency table: frequency 1 is zero");
  expect_bad_table(0, {65535, 2}, "frequency table: found frequencies of sum 65537, expected 65536");
  expect_bad_table(0, {65534, 1}, "frequency table: found frequencies of sum 65535, expected 65536");
  expect_bad_table((1 << 24) + 1, {65535, 1},
                   "frequency table: found values 16777217 to 16777217, expected them within -2^24 to 2^24");
  expect_bad_table(1 << 24, {60000, 5535, 1},
                   "frequency table: found values 16777216 to 16777217, expected them within -2^24 to 2^24");
  expect_bad_table(
      -2147483647 - 1, {65535, 1},
      "frequency table: found values -2147483648 to -2147483648, expected them within -2^24 to 2^24");
}

TEST(FrequencyTable, LargestTable) {
  const Frequencies ones(65536, 1);
  const FrequencyTable table(-30000, ones);
  const std::vector<std::int32_t> values = {-30000, -29999, 0, 35534, 35535, -30001, 1};
  EXPECT_EQ(decode_all(table, encode_all(table, values), values.size()), values);
  EXPECT_THROW(FrequencyTable(0, Frequencies(65537, 1)), Error);
}

TEST(FrequencyTable, MostFrequentValueCostsNothing) {
  const FrequencyTable table(-1, Frequencies{8192, 49152, 8191, 1});
  const std::vector<std::int32_t> zeros(10000, 0);
  EXPECT_TRUE(encode_all(table, zeros).empty());
  EXPECT_EQ(decode_all(table, {}, zeros.size()), zeros);
}

// The order of the units: the most frequent value (the smallest of equals), the others ascending, the escape.
TEST(FrequencyTable, DealsUnitsOutInTheDocumentedOrder) {
  const FrequencyTable table(5, Frequencies{10000, 20000, 20000, 15000, 536});
  struct Expected {
    std::uint32_t unit;
    std::int32_t value;
  };
  for (const auto& [unit, value] :
       {Expected{0, 6}, Expected{19999, 6}, Expected{20000, 5}, Expected{29999, 5}, Expected{30000, 7},
        Expected{49999, 7}, Expected{50000, 8}, Expected{64999, 8}}) {
    RangeEncoder encoder;
    encoder.encode(unit, 1);
    const Bytes stream = encoder.finish();
    RangeDecoder decoder(stream);
    EXPECT_EQ(table.decode(decoder), value) << unit;
  }
}

TEST(FrequencyTable, NearDegenerateTable) {
  const FrequencyTable table(0, Frequencies{65535, 1});
  std::vector<std::int32_t> values(5000, 0);
  values[17] = 1;
  values[18] = -1;
  values[4999] = 7;
  EXPECT_EQ(decode_all(table, encode_all(table, values), values.size()), values);

  const FrequencyTable rare(0, Frequencies{1, 65535});
  EXPECT_EQ(decode_all(rare, encode_all(rare, values), values.size()), values);
}

TEST(FrequencyTable, EscapeReachesTheExtremes) {
  constexpr std::int32_t kMost = FrequencyTable::kMaxMagnitude;
  for (const std::int32_t first : {0, -1, 100, -kMost, kMost}) {
    const FrequencyTable table(first, Frequencies{40000, 25536});
    std::vector<std::int32_t> values = {-kMost, kMost, -kMost + 1, kMost - 1, first, 0};
    for (int bit = 0; bit < 24; ++bit) {
      for (const std::int32_t near : {-1, 0, 1}) {
        values.push_back((1 << bit) + near);
        values.push_back(-(1 << bit) + near);
      }
    }
    EXPECT_EQ(decode_all(table, encode_all(table, values), values.size()), values);
  }
  RangeEncoder encoder;
  const FrequencyTable table(0, Frequencies{40000, 25536});
  for (const std::int32_t value : {kMost + 1, -kMost - 1, 2147483647, -2147483647 - 1}) {
    try {
      table.encode(encoder, value);
      FAIL() << value;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kInternal);
    }
  }
}

// The escape code, symbol by symbol, as docs/format.md has it.
TEST(FrequencyTable, EscapeCodeIsTheDocumentedOne) {
  const FrequencyTable table(-3, Frequencies{1000, 64000, 536});
  RangeEncoder expected;
  expected.encode(65000, 536);
  expected.encode_bits(0, 1);  // above
  expected.encode_bits(0, 1);
  expected.encode_bits(0, 1);
  expected.encode_bits(1, 1);
  expected.encode_bits(0b10, 2);  // distance 0b110
  expected.encode(65000, 536);
  expected.encode_bits(1, 1);  // below
  expected.encode_bits(1, 1);  // distance 1
  expected.encode(65000, 536);
  expected.encode_bits(1, 1);
  for (int i = 0; i < 17; ++i) expected.encode_bits(0, 1);
  expected.encode_bits(1, 1);
  expected.encode_bits(1, 1);  // distance 0b11'0000'0000'0000'0111
  expected.encode_bits(0b111, 16);
  EXPECT_EQ(encode_all(table, {-2 + 6, -3 - 1, -3 - 0x30007}), expected.finish());
}

// Made by another implementation of docs/format.md.
TEST(FrequencyTable, GoldenBytes) {
  const FrequencyTable table(-3, Frequencies{1000, 64000, 536});
  const std::vector<std::int32_t> values = {0, -2, 4, -4, -3 - 0x30007, 1 << 24};
  Bytes expected;
  for (const int byte : {0xFE, 0x4B, 0xDA, 0x0C, 0x7F, 0x6A, 0x00, 0x38, 0x40, 0x95, 0xD8, 0xBE, 0x00, 0x09,
                         0xD8, 0x00, 0x14}) {
    expected.push_back(static_cast<std::byte>(byte));
  }
  EXPECT_EQ(encode_all(table, values), expected);
  EXPECT_EQ(decode_all(table, expected, values.size()), values);
}

TEST(FrequencyTable, RefusesEscapeCodesThatNoEncoderWrites) {
  const FrequencyTable table(0, Frequencies{40000, 25536});
  const auto expect_corrupt = [&](RangeEncoder& encoder, const std::string& message) {
    const Bytes stream = encoder.finish();
    RangeDecoder decoder(stream);
    try {
      (void)table.decode(decoder);
      FAIL() << "no error, expected: " << message;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kCorrupt);
      EXPECT_EQ(error.what(), message);
    }
  };
  RangeEncoder encoder;
  encoder.encode(40000, 25536);
  encoder.encode_bits(0, 1);
  for (int i = 0; i < 26; ++i) encoder.encode_bits(0, 1);
  encoder.encode_bits(1, 1);
  expect_corrupt(encoder, "escape code: found more than 25 leading zero bits, which no value needs");

  encoder.encode(40000, 25536);
  encoder.encode_bits(1, 1);
  for (int i = 0; i < 24; ++i) encoder.encode_bits(0, 1);
  encoder.encode_bits(1, 1);
  encoder.encode_bits(0, 8);
  encoder.encode_bits(1, 16);
  expect_corrupt(encoder, "escape code: found value -16777217, expected -2^24 to 2^24");
}

TEST(FrequencyTable, BitsAreTheIdealCodeLength) {
  const FrequencyTable table(-1, Frequencies{16384, 32768, 8192, 8192});
  EXPECT_DOUBLE_EQ(table.bits(-1), 2);
  EXPECT_DOUBLE_EQ(table.bits(0), 1);
  EXPECT_DOUBLE_EQ(table.bits(1), 3);
  EXPECT_DOUBLE_EQ(table.bits(2), 3 + 1 + 1);         // distance 1
  EXPECT_DOUBLE_EQ(table.bits(-3), 3 + 1 + 3);        // distance 2
  EXPECT_DOUBLE_EQ(table.bits(-9), 3 + 1 + 7);        // distance 8
  EXPECT_DOUBLE_EQ(table.bits(1 << 24), 3 + 1 + 47);  // distance 2^24 - 1
}

TEST(FrequencyTable, KeepsWhatItWasGiven) {
  const Frequencies frequencies = {16384, 32768, 8192, 8192};
  const FrequencyTable table(-7, frequencies);
  EXPECT_EQ(table.first(), -7);
  EXPECT_EQ(Frequencies(table.frequencies().begin(), table.frequencies().end()), frequencies);
}

TEST(FrequencyTableProperty, RoundTripsWithinATenthOfAPercentOfTheIdealLength) {
  EXPECT_TRUE(rc::check("random tables, symbols by their frequencies", [] {
    std::mt19937 random(*rc::gen::arbitrary<std::uint32_t>());
    std::vector<FrequencyTable> tables;
    for (int i = 0; i < 8; ++i) tables.push_back(random_table(random, *rc::gen::inRange(1, 200)));
    const int count = *rc::gen::inRange(0, 4000);
    std::vector<std::int32_t> values;
    RangeEncoder encoder;
    double ideal = 0;
    for (int i = 0; i < count; ++i) {
      const FrequencyTable& table = tables[static_cast<std::size_t>(i % 8)];
      values.push_back(random_symbol(random, table));
      table.encode(encoder, values.back());
      ideal += table.bits(values.back());
    }
    const Bytes stream = encoder.finish();
    RC_ASSERT(static_cast<double>(stream.size()) <= ideal / 8 * 1.001 + 4);
    RangeDecoder decoder(stream);
    for (int i = 0; i < count; ++i) {
      RC_ASSERT(tables[static_cast<std::size_t>(i % 8)].decode(decoder) ==
                values[static_cast<std::size_t>(i)]);
    }
    decoder.expect_end();
  }));
}

TEST(FrequencyTableProperty, AnyBytesAreRefusedOrCanonical) {
  EXPECT_TRUE(rc::check("truncated, extended and random streams", [] {
    std::mt19937 random(*rc::gen::arbitrary<std::uint32_t>());
    const FrequencyTable table = random_table(random, 20);
    std::vector<std::int32_t> values;
    for (int i = *rc::gen::inRange(0, 40); i > 0; --i) values.push_back(random_symbol(random, table));
    const Bytes stream = encode_all(table, values);
    std::vector<Bytes> variants;
    for (std::size_t size = 0; size < stream.size(); ++size) {
      variants.emplace_back(stream.begin(), stream.begin() + static_cast<std::ptrdiff_t>(size));
    }
    for (const int byte : {0, 1, 255}) {
      variants.push_back(stream);
      variants.back().push_back(static_cast<std::byte>(byte));
    }
    for (std::size_t i = 0; i < stream.size(); ++i) {
      variants.push_back(stream);
      variants.back()[i] ^= static_cast<std::byte>(1 << (random() % 8));
    }
    for (const Bytes& variant : variants) {
      try {
        const auto decoded = decode_all(table, variant, values.size());
        RC_ASSERT(decoded != values);
        RC_ASSERT(encode_all(table, decoded) == variant);
      } catch (const Error& error) {
        RC_ASSERT(error.code() == ErrorCode::kCorrupt);
      }
    }
  }));
}

TEST(QuantizeProbabilities, SumsAndNeverZero) {
  EXPECT_EQ(quantize_probabilities(std::vector<double>{0.5, 0.5}), (Frequencies{32768, 32768}));
  EXPECT_EQ(quantize_probabilities(std::vector<double>{1, 0}), (Frequencies{65535, 1}));
  EXPECT_EQ(quantize_probabilities(std::vector<double>{0, 3, 0}), (Frequencies{1, 65534, 1}));
  EXPECT_EQ(quantize_probabilities(std::vector<double>{1, 1, 1}), (Frequencies{21846, 21845, 21845}));
  EXPECT_EQ(quantize_probabilities(std::vector<double>(65536, 1e-300)), Frequencies(65536, 1));
  const auto most = quantize_probabilities(std::vector<double>(60000, 1.0));
  EXPECT_EQ(std::accumulate(most.begin(), most.end(), 0u), kFrequencyTotal);
}

TEST(QuantizeProbabilities, RefusesWhatIsNoDistribution) {
  for (const auto& bad : std::vector<std::vector<double>>{{},
                                                          {1},
                                                          {1, -1e-9},
                                                          {0, 0},
                                                          {1, NAN},
                                                          {INFINITY, 1},
                                                          {1e308, 1e308},
                                                          std::vector<double>(65537, 1)}) {
    try {
      (void)quantize_probabilities(bad);
      ADD_FAILURE() << "no error for " << bad.size() << " probabilities";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kModel);
    }
  }
}

TEST(QuantizeProbabilitiesProperty, CostsLittle) {
  EXPECT_TRUE(rc::check("divergence from the probabilities", [] {
    std::mt19937 random(*rc::gen::arbitrary<std::uint32_t>());
    std::vector<double> probabilities(static_cast<std::size_t>(*rc::gen::inRange(2, 2000)));
    const double skew = std::uniform_real_distribution(0.0, 20.0)(random);
    for (double& p : probabilities) p = std::exp(skew * std::normal_distribution<double>()(random));
    const double sum = std::accumulate(probabilities.begin(), probabilities.end(), 0.0);
    const auto frequencies = quantize_probabilities(probabilities);
    double divergence = 0;
    std::uint32_t total = 0;
    for (std::size_t i = 0; i < frequencies.size(); ++i) {
      RC_ASSERT(frequencies[i] > 0);
      total += frequencies[i];
      const double p = probabilities[i] / sum;
      if (p > 0) divergence += p * std::log2(p * kFrequencyTotal / frequencies[i]);
    }
    RC_ASSERT(total == kFrequencyTotal);
    // A value that deserves no unit still gets one: that share is lost,
    // log2(1 / (1 - n / 2^16)) bits at worst.
    const double bound = -std::log2(1 - static_cast<double>(frequencies.size()) / kFrequencyTotal) + 1e-4;
    RC_ASSERT(divergence <= bound);
  }));
}

}  // namespace
}  // namespace vaec::entropy
