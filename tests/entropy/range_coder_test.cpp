#include "entropy/range_coder.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "bytes_of.hpp"
#include "entropy/property.hpp"
#include "vaec/error.hpp"

namespace vaec::entropy {
namespace {

using Bytes = std::vector<std::byte>;

struct Interval {
  std::uint32_t start;
  std::uint32_t size;
};

Bytes encode_all(const std::vector<Interval>& symbols) {
  RangeEncoder encoder;
  for (const auto& [start, size] : symbols) encoder.encode(start, size);
  return encoder.finish();
}

// Whether `stream` decodes to just `symbols`, by their intervals.
bool decodes_to(const Bytes& stream, const std::vector<Interval>& symbols) {
  RangeDecoder decoder(stream);
  for (const auto& [start, size] : symbols) {
    const std::uint32_t unit = decoder.peek();
    if (unit < start || unit >= start + size) return false;
    decoder.consume(start, size);
  }
  decoder.expect_end();
  return true;
}

std::vector<Interval> random_intervals(std::mt19937& random, int count) {
  std::vector<Interval> symbols;
  for (int i = 0; i < count; ++i) {
    const std::uint32_t size = std::max<std::uint32_t>(1, (random() & 0xFFFF) >> (random() % 16));
    symbols.push_back(
        {std::uniform_int_distribution<std::uint32_t>(0, kFrequencyTotal - size)(random), size});
  }
  return symbols;
}

ErrorCode code_of_end(const Bytes& stream) {
  try {
    RangeDecoder(stream).expect_end();
  } catch (const Error& error) {
    return error.code();
  }
  ADD_FAILURE() << "no error";
  return ErrorCode::kInternal;
}

TEST(RangeCoder, NoSymbolsAreNoBytes) {
  EXPECT_TRUE(RangeEncoder().finish().empty());
  EXPECT_TRUE(decodes_to({}, {}));
}

TEST(RangeCoder, GoldenBytes) {
  EXPECT_EQ(encode_all({{32768, 32768}}), bytes_of({0x81}));
  EXPECT_EQ(encode_all({{65535, 1}}), bytes_of({0xFF, 0xFF}));
  EXPECT_EQ(encode_all({{65535, 1}, {65535, 1}}), bytes_of({0xFF, 0xFF, 0xFF, 0xFE, 0x01}));
  EXPECT_EQ(encode_all({{16384, 16384}, {100, 200}, {0, 65535}, {40000, 3}}), bytes_of({0x40, 0x39, 0x04}));
}

TEST(RangeCoder, SymbolsThatStartAtZeroAreFree) {
  const std::vector<Interval> symbols(1'000'000, {0, 65535});
  EXPECT_TRUE(encode_all(symbols).empty());
  EXPECT_TRUE(decodes_to({}, symbols));
}

TEST(RangeCoder, RareSymbolAfterManyNearlyCertainOnes) {
  std::vector<Interval> symbols(1000, {0, 65535});
  symbols.push_back({65535, 1});
  symbols.insert(symbols.end(), 1000, {0, 65535});
  const Bytes stream = encode_all(symbols);
  EXPECT_LE(stream.size(), 4u);
  EXPECT_TRUE(decodes_to(stream, symbols));
}

TEST(RangeCoder, EncoderIsEmptyAfterFinish) {
  RangeEncoder encoder;
  encoder.encode(60000, 1);
  const Bytes first = encoder.finish();
  EXPECT_TRUE(encoder.finish().empty());
  encoder.encode(60000, 1);
  EXPECT_EQ(encoder.finish(), first);
}

// Symbols whose interval always has the number 0x80 00 00 ... strictly inside, so that the encoder shifts out
// 7F FF FF ... and cannot know yet which side of the number it will end on.
std::vector<Interval> straddling_symbols(int count) {
  const Bytes target = bytes_of({0x80});
  RangeDecoder decoder(target);
  std::vector<Interval> symbols;
  for (int i = 0; i < count; ++i) {
    symbols.push_back({decoder.peek() - 1, 3});
    decoder.consume(symbols.back().start, symbols.back().size);
  }
  return symbols;
}

TEST(RangeCoder, CarryRunsThroughALongRunOfOnes) {
  std::vector<Interval> symbols = straddling_symbols(1000);
  symbols.push_back({65535, 1});
  const Bytes stream = encode_all(symbols);
  ASSERT_GT(stream.size(), 1500u);
  EXPECT_EQ(stream[0], std::byte{0x80});
  for (std::size_t i = 1; i < 1500; ++i) ASSERT_EQ(stream[i], std::byte{0}) << i;
  EXPECT_TRUE(decodes_to(stream, symbols));
}

TEST(RangeCoder, NoCarryKeepsALongRunOfOnes) {
  std::vector<Interval> symbols = straddling_symbols(1000);
  symbols.push_back({0, 1});
  const Bytes stream = encode_all(symbols);
  ASSERT_GT(stream.size(), 1500u);
  EXPECT_EQ(stream[0], std::byte{0x7F});
  for (std::size_t i = 1; i < 1500; ++i) ASSERT_EQ(stream[i], std::byte{0xFF}) << i;
  EXPECT_TRUE(decodes_to(stream, symbols));
}

TEST(RangeCoder, FinishCarriesIntoARunOfOnesAndDropsIt) {
  const std::vector<Interval> symbols = straddling_symbols(1000);
  EXPECT_EQ(encode_all(symbols), bytes_of({0x80}));
  EXPECT_TRUE(decodes_to(bytes_of({0x80}), symbols));
}

TEST(RangeCoder, BitsRoundTrip) {
  RangeEncoder encoder;
  for (int count = 0; count <= 16; ++count) {
    encoder.encode_bits(0, count);
    encoder.encode_bits(0xFFFFFFFF, count);
    encoder.encode_bits(0x5A5A, count);
  }
  const Bytes stream = encoder.finish();
  EXPECT_LE(stream.size(), 3 * 17 * 8 / 8 + 1u);
  RangeDecoder decoder(stream);
  for (int count = 0; count <= 16; ++count) {
    const std::uint32_t mask = (1u << count) - 1;
    EXPECT_EQ(decoder.decode_bits(count), 0u);
    EXPECT_EQ(decoder.decode_bits(count), mask);
    EXPECT_EQ(decoder.decode_bits(count), 0x5A5Au & mask);
  }
  decoder.expect_end();
}

TEST(RangeCoder, RefusesWrongEnds) {
  EXPECT_EQ(code_of_end(bytes_of({0x00})), ErrorCode::kCorrupt);
  EXPECT_EQ(code_of_end(bytes_of({0x01})), ErrorCode::kCorrupt);
  EXPECT_EQ(code_of_end(bytes_of({1, 2, 3, 4, 5})), ErrorCode::kCorrupt);
  EXPECT_EQ(code_of_end(bytes_of({0xFF, 0xFF, 0xFF, 0xFF})), ErrorCode::kCorrupt);
}

TEST(RangeCoder, MessageSaysWhatIsWrong) {
  try {
    RangeDecoder(bytes_of({1, 2, 3, 4, 5, 6})).expect_end();
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(),
                 "range-coded stream of 6 bytes does not end with its last symbol: found 2 unread bytes, "
                 "expected none");
  }
}

TEST(RangeCoderProperty, RoundTripsWithinTheIdealLength) {
  EXPECT_TRUE(rc::check("any intervals", [] {
    std::mt19937 random(*rc::gen::arbitrary<std::uint32_t>());
    const auto symbols = random_intervals(random, *rc::gen::inRange(0, 500));
    const Bytes stream = encode_all(symbols);
    RC_ASSERT(decodes_to(stream, symbols));
    double ideal = 0;
    for (const auto& symbol : symbols) ideal += kFrequencyBits - std::log2(symbol.size);
    // Even where no symbol is coded by a table that puts the most probable one first: 2^-8 of a unit is lost
    // at most, and far less on average.
    RC_ASSERT(static_cast<double>(stream.size()) <=
              ideal / 8 + 1 + static_cast<double>(symbols.size()) * 0.001);
  }));
}

// What expect_end() promises: a stream that it accepts is the one that
// the encoder writes for the decoded symbols.
void expect_refused_or_canonical(const Bytes& stream, const std::vector<Interval>& symbols,
                                 bool must_differ) {
  std::vector<Interval> decoded;
  try {
    RangeDecoder decoder(stream);
    for (const auto& symbol : symbols) {
      // Cuts the units at the symbol's ends: below, inside, above.
      const std::uint32_t unit = decoder.peek();
      const std::uint32_t end = symbol.start + symbol.size;
      Interval part = symbol;
      if (unit < symbol.start) part = {0, symbol.start};
      if (unit >= end) part = {end, kFrequencyTotal - end};
      decoder.consume(part.start, part.size);
      decoded.push_back(part);
    }
    decoder.expect_end();
  } catch (const Error& error) {
    RC_ASSERT(error.code() == ErrorCode::kCorrupt);
    return;
  }
  RC_ASSERT(encode_all(decoded) == stream);
  const bool same = std::equal(decoded.begin(), decoded.end(), symbols.begin(),
                               [](const Interval& a, const Interval& b) { return a.start == b.start; });
  RC_ASSERT(!(same && must_differ));
}

TEST(RangeCoderProperty, TruncatedStreamsAreRefusedOrOtherSymbols) {
  EXPECT_TRUE(rc::check("every truncation point", [] {
    std::mt19937 random(*rc::gen::arbitrary<std::uint32_t>());
    const auto symbols = random_intervals(random, *rc::gen::inRange(0, 60));
    const Bytes stream = encode_all(symbols);
    for (std::size_t size = 0; size < stream.size(); ++size) {
      expect_refused_or_canonical({stream.begin(), stream.begin() + static_cast<std::ptrdiff_t>(size)},
                                  symbols, true);
    }
  }));
}

TEST(RangeCoderProperty, AppendedBytesAreRefused) {
  EXPECT_TRUE(rc::check("one or more bytes more", [] {
    std::mt19937 random(*rc::gen::arbitrary<std::uint32_t>());
    const auto symbols = random_intervals(random, *rc::gen::inRange(0, 60));
    Bytes stream = encode_all(symbols);
    for (int i = 0; i < 8; ++i) {
      stream.push_back(static_cast<std::byte>(random() % 3 == 0 ? 0 : random()));
      expect_refused_or_canonical(stream, symbols, true);
    }
  }));
}

TEST(RangeCoderProperty, AnyBytesAreRefusedOrCanonical) {
  EXPECT_TRUE(rc::check("noise", [] {
    std::mt19937 random(*rc::gen::arbitrary<std::uint32_t>());
    const auto symbols = random_intervals(random, *rc::gen::inRange(0, 12));
    Bytes stream(static_cast<std::size_t>(*rc::gen::inRange(0, 12)));
    for (std::byte& byte : stream) byte = static_cast<std::byte>(random() % 4 == 0 ? 0xFF : random());
    expect_refused_or_canonical(stream, symbols, false);
  }));
}

// Every stream of up to two bytes against every number of symbols of a coin: each accepted one is canonical,
// and each sequence of symbols has one accepted stream.
TEST(RangeCoder, AcceptedStreamsAndSequencesPairOff) {
  for (const int count : {0, 1, 2, 3, 4, 5, 6, 8}) {
    const int longest = count <= 6 ? 1 : 2;
    int accepted = 0;
    for (int size = 0; size <= longest; ++size) {
      for (int value = 0; value < 1 << (8 * size); ++value) {
        Bytes stream;
        for (int i = 0; i < size; ++i) stream.push_back(static_cast<std::byte>(value >> (8 * i)));
        try {
          RangeDecoder decoder(stream);
          for (int i = 0; i < count; ++i) (void)decoder.decode_bits(1);
          decoder.expect_end();
          ++accepted;
        } catch (const Error&) {
        }
      }
    }
    EXPECT_EQ(accepted, 1 << count);
  }
}

}  // namespace
}  // namespace vaec::entropy
