#include "eval/ssimulacra2.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "image/read.hpp"
#include "temporary_folder.hpp"
#include "vaec/error.hpp"

namespace vaec::eval {
namespace {

// A picture with structure at all scales, in integers alone.
Image wavy(std::uint32_t width, std::uint32_t height, std::uint32_t channels = 3) {
  Image image{width, height, channels, {}};
  for (std::uint32_t y = 0; y < height; ++y) {
    for (std::uint32_t x = 0; x < width; ++x) {
      for (std::uint32_t c = 0; c < channels; ++c) {
        image.samples.push_back(
            static_cast<std::uint8_t>((x * x / 64 + y * (c + 2) / 2 + (x / 16 ^ y / 8) * 11) % 256));
      }
    }
  }
  return image;
}

Image changed(Image image, const std::function<int(int, std::uint32_t, std::uint32_t)>& change) {
  for (std::size_t i = 0; i < image.samples.size(); ++i) {
    const auto pixel = static_cast<std::uint32_t>(i / image.channels);
    image.samples[i] = static_cast<std::uint8_t>(
        std::clamp(change(image.samples[i], pixel % image.width, pixel / image.width), 0, 255));
  }
  return image;
}

int posterized(int v, std::uint32_t /*x*/, std::uint32_t /*y*/) { return v / 8 * 8 + 4; }

TEST(Ssimulacra2, IsHundredForEqualPicturesAndFallsWithTheDamage) {
  const Image original = wavy(200, 120);
  EXPECT_EQ(ssimulacra2(original, original), 100);
  double before = 100;
  for (const int step : {2, 4, 8, 16, 32}) {
    const auto score = ssimulacra2(
        original, changed(original, [&](int v, auto, auto) { return v / step * step + step / 2; }));
    EXPECT_LT(*score, before) << step;
    before = *score;
  }
}

// Grey pictures are those of three equal channels; 16 bits those of 8, if they say the same.
TEST(Ssimulacra2, KnowsGreyAndSixteenBits) {
  const Image grey = wavy(64, 48, 1), worse = changed(grey, posterized);
  const auto in_colour = [](const Image& image) {
    Image result{image.width, image.height, 3, {}};
    for (const auto v : image.samples) result.samples.insert(result.samples.end(), 3, v);
    return result;
  };
  const auto deep = [](const Image& image) {
    Image result{image.width, image.height, 1, {}, 16};
    for (const auto v : image.samples) result.samples16.push_back(static_cast<std::uint16_t>(v * 257));
    return result;
  };
  const double score = *ssimulacra2(grey, worse);
  EXPECT_LT(score, 95);
  EXPECT_DOUBLE_EQ(*ssimulacra2(in_colour(grey), in_colour(worse)), score);
  EXPECT_NEAR(*ssimulacra2(deep(grey), deep(worse)), score, 1e-3);
}

// What cannot be seen does not count, and of two backgrounds the worse does.
TEST(Ssimulacra2, LaysAlphaOnDarkAndOnLight) {
  Image original = wavy(64, 48), worse = changed(original, posterized);
  const double opaque = *ssimulacra2(original, worse);
  original.alpha.assign(64 * 48, 255);
  worse.alpha = original.alpha;
  EXPECT_NEAR(*ssimulacra2(original, worse), opaque, 1e-3);
  Image black = changed(original, [](int, auto, auto) { return 0; });
  black.alpha.assign(64 * 48, 0);
  Image white = changed(black, [](int, auto, auto) { return 255; });
  EXPECT_EQ(ssimulacra2(black, white), 100);
  white.alpha.assign(64 * 48, 20);
  EXPECT_LT(*ssimulacra2(black, white), 90);
}

// The scores of libjxl's own tool.
TEST(Ssimulacra2, IsThatOfLibjxl) {
  const std::string text = contents(VAEC_SOURCE_DIR "/data/sample.png");
  const Image original = image::read_rgb(std::as_bytes(std::span(text)), "sample.png");
  const auto blurred = [&](int reach) {
    Image image = original;
    const auto side = [](std::uint32_t n) { return static_cast<int>(n); };
    for (int y = 0; y < side(image.height); ++y) {
      for (int x = 0; x < side(image.width); ++x) {
        for (int c = 0; c < 3; ++c) {
          int sum = 0;
          for (int v = y - reach; v <= y + reach; ++v) {
            for (int u = x - reach; u <= x + reach; ++u) {
              const int row = std::clamp(v, 0, side(image.height) - 1),
                        column = std::clamp(u, 0, side(image.width) - 1);
              sum += original.samples[static_cast<std::size_t>((row * side(image.width) + column) * 3 + c)];
            }
          }
          image.samples[static_cast<std::size_t>((y * side(image.width) + x) * 3 + c)] =
              static_cast<std::uint8_t>(sum / ((2 * reach + 1) * (2 * reach + 1)));
        }
      }
    }
    return image;
  };
  Image redder = original, blocks = original;
  for (std::size_t i = 0; i < redder.samples.size(); i += 3)
    redder.samples[i] = static_cast<std::uint8_t>(std::min(255, redder.samples[i] + 6));
  for (std::uint32_t y = 0; y < blocks.height; y += 8) {
    for (std::uint32_t x = 0; x < blocks.width; x += 8) {
      for (std::uint32_t c = 0; c < 3; ++c) {
        const auto at = [&](std::uint32_t i) {
          return (std::size_t{y + i / 8} * blocks.width + x + i % 8) * 3 + c;
        };
        unsigned sum = 0;
        for (std::uint32_t i = 0; i < 64; ++i) sum += original.samples[at(i)];
        for (std::uint32_t i = 0; i < 64; ++i) blocks.samples[at(i)] = static_cast<std::uint8_t>(sum / 64);
      }
    }
  }
  const auto noise = [](int v, std::uint32_t x, std::uint32_t y) {
    return v + static_cast<int>((x * 7 + y * 13) % 11) - 5;
  };
  const auto coarse = [](int v, std::uint32_t, std::uint32_t) { return v / 32 * 32 + 16; };
  const std::vector<std::pair<Image, double>> cases = {{changed(original, posterized), 80.19556316},
                                                       {changed(original, coarse), -16.84119348},
                                                       {blurred(1), 48.60804732},
                                                       {blurred(4), -23.71928534},
                                                       {changed(original, noise), 83.49843423},
                                                       {redder, 93.50364603},
                                                       {blocks, -34.37125378}};
  for (const auto& [distorted, score] : cases) EXPECT_NEAR(*ssimulacra2(original, distorted), score, 0.01);
}

TEST(Ssimulacra2, TakesAnySizeFromEightPixels) {
  for (const std::uint32_t side : {8U, 9U, 15U, 16U, 17U, 31U, 33U, 255U, 257U}) {
    const Image original = wavy(side, side + 3);
    const auto score = ssimulacra2(original, changed(original, posterized));
    ASSERT_TRUE(score) << side;
    EXPECT_LT(*score, 100) << side;
    EXPECT_GT(*score, 0) << side;
  }
  EXPECT_FALSE(ssimulacra2(wavy(7, 100), wavy(7, 100)));
  EXPECT_THROW((void)ssimulacra2(wavy(20, 20), wavy(20, 21)), Error);
  EXPECT_THROW((void)ssimulacra2(wavy(20, 20), wavy(20, 20, 1)), Error);
}

}  // namespace
}  // namespace vaec::eval
