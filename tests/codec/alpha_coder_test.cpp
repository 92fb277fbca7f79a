#include "codec/alpha_coder.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "vaec/error.hpp"

namespace vaec::codec {
namespace {

template <typename Sample>
std::vector<std::byte> encoded(const std::vector<Sample>& samples, std::uint32_t width) {
  return encode_alpha<Sample>(width, samples.size() / width, [&](std::size_t row, Sample* to) {
    std::copy_n(samples.data() + row * width, width, to);
  });
}

template <typename Sample>
std::vector<Sample> decoded(std::span<const std::byte> stream, std::uint32_t width, std::size_t count) {
  std::vector<Sample> samples(count, 77);
  decode_alpha<Sample>(stream, width, count / width, [&](std::size_t row, const Sample* from) {
    std::copy_n(from, width, samples.data() + row * width);
  });
  return samples;
}

template <typename Sample>
void expect_round_trip(const std::vector<Sample>& samples, std::uint32_t width, const char* what) {
  EXPECT_EQ(decoded<Sample>(encoded(samples, width), width, samples.size()), samples)
      << what << " of width " << width;
}

template <typename Sample>
std::vector<Sample> disc(int size) {
  constexpr double kLargest = std::numeric_limits<Sample>::max();
  std::vector<Sample> samples;
  for (int y = 0; y < size; ++y) {
    for (int x = 0; x < size; ++x) {
      const double inside = size / 3.0 - std::hypot(x - size / 2.0, y - size / 2.0);  // pixels, soft edge
      samples.push_back(static_cast<Sample>(std::lround(std::clamp(inside, 0.0, 1.0) * kLargest)));
    }
  }
  return samples;
}

template <typename Sample>
void check_all_kinds() {
  constexpr int kLargest = std::numeric_limits<Sample>::max();
  std::mt19937 random(7);
  for (const std::uint32_t width : {1U, 2U, 3U, 17U, 64U}) {
    const std::size_t count = std::size_t{width} * 41;
    std::vector<Sample> noise(count), flat(count, static_cast<Sample>(kLargest / 3)), ramp(count),
        extremes(count);
    for (std::size_t i = 0; i < count; ++i) {
      noise[i] = static_cast<Sample>(random());
      ramp[i] = static_cast<Sample>(i * 5 * (kLargest / 255));
      extremes[i] = static_cast<Sample>(random() % 2 == 0 ? 0 : kLargest);
    }
    expect_round_trip(noise, width, "noise");
    expect_round_trip(flat, width, "flat");
    expect_round_trip(ramp, width, "ramp");
    expect_round_trip(extremes, width, "extremes");
  }
  expect_round_trip(disc<Sample>(100), 100, "disc");
}

TEST(AlphaCoder, BringsBackEveryPicture) {
  check_all_kinds<std::uint8_t>();
  check_all_kinds<std::uint16_t>();
}

TEST(AlphaCoder, OpaqueCostsNothing) {
  EXPECT_LE(encoded(std::vector<std::uint8_t>(512 * 512, 255), 512).size(), 8U);
  EXPECT_LE(encoded(std::vector<std::uint8_t>(512 * 512, 0), 512).size(), 8U);
}

// A cut-out with a soft edge: some bytes for each row that the edge crosses, none for the rest.
TEST(AlphaCoder, AnEdgeCostsItsLength) {
  EXPECT_LT(encoded(disc<std::uint8_t>(512), 512).size(), 1600U);  // 341 rows of two edges each
}

TEST(AlphaCoder, NoiseCostsHardlyMoreThanItHas) {
  std::mt19937 random(3);
  std::vector<std::uint8_t> noise(200 * 200);
  for (auto& sample : noise) sample = static_cast<std::uint8_t>(random());
  EXPECT_LT(encoded(noise, 200).size(), noise.size() * 108 / 100);
}

// The streams are part of the format: docs/format.md, section 8.6.
TEST(AlphaCoder, GoldenStream) {
  const std::vector<std::uint8_t> samples = {255, 255, 255, 255, 255, 200, 10, 0, 255, 190, 12, 0};
  const auto stream = encoded(samples, 4);
  std::vector<int> bytes;
  for (const auto byte : stream) bytes.push_back(std::to_integer<int>(byte));
  EXPECT_EQ(bytes, (std::vector<int>{6, 0, 10, 12, 190, 1, 200, 1, 255, 1, 42, 170, 251, 49, 238, 83}));
}

TEST(AlphaCoder, EveryTruncationAndBitFlipEnds) {
  const auto stream = encoded(disc<std::uint8_t>(40), 40);
  const auto ends = [&](std::span<const std::byte> bytes) {
    try {
      (void)decoded<std::uint8_t>(bytes, 40, 40 * 40);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kCorrupt);
    }
  };
  for (std::size_t size = 0; size < stream.size(); ++size) ends(std::span(stream).first(size));
  for (std::size_t bit = 0; bit < 8 * stream.size(); ++bit) {
    auto flipped = stream;
    flipped[bit / 8] ^= static_cast<std::byte>(1 << (bit % 8));
    ends(flipped);
  }
}

}  // namespace
}  // namespace vaec::codec
