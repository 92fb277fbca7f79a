#include "codec/lossless_codec.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <utility>

#include "bitstream/container.hpp"
#include "codec/colour_transform.hpp"
#include "codec/lossless_bands.hpp"
#include "codec/lossless_choice.hpp"
#include "golden_hash.hpp"
#include "vaec/error.hpp"

namespace vaec::codec {
namespace {

enum class Content { kPhoto, kDrawing, kFewColours, kOneColour, kFewLevels, kNoise };

Image picture(std::uint32_t width, std::uint32_t height, std::uint32_t channels, std::uint32_t depth,
              bool alpha, Content content) {
  std::mt19937 random(width * 31 + height);
  const std::uint32_t largest = depth == 16 ? 65535 : 255, unit = depth == 16 ? 257 : 1;
  const auto sample = [&](std::uint32_t x, std::uint32_t y, std::uint32_t c) -> std::uint32_t {
    switch (content) {
      case Content::kPhoto:
        return std::min<std::uint32_t>(largest, (x * 2 + y + c * 20) % 200 * unit + random() % (3 * unit));
      case Content::kDrawing:
        return (x / 7 * 37 + y / 5 * 101 + c * 11 + (x % 7 == 0 ? y : 0)) % 256 * unit;
      case Content::kFewColours:
        return (x / 3 + y / 4) % 5 * 50 * unit + c;
      case Content::kOneColour:
        return 40 + c;
      case Content::kFewLevels:
        return static_cast<std::uint32_t>(random() % 20 * 13 * unit);
      default:
        return static_cast<std::uint32_t>(random() % (largest + 1));
    }
  };
  Image image{width, height, channels};
  image.bit_depth = depth;
  for (std::uint32_t y = 0; y < height; ++y) {
    for (std::uint32_t x = 0; x < width; ++x) {
      for (std::uint32_t c = 0; c < channels; ++c) {
        if (depth == 16)
          image.samples16.push_back(static_cast<std::uint16_t>(sample(x, y, c)));
        else
          image.samples.push_back(static_cast<std::uint8_t>(sample(x, y, c)));
      }
      if (!alpha) continue;
      const std::uint32_t opacity = x < width / 3 ? 0 : x < width / 2 ? sample(x, y, 3) : largest;
      if (depth == 16)
        image.alpha16.push_back(static_cast<std::uint16_t>(opacity));
      else
        image.alpha.push_back(static_cast<std::uint8_t>(opacity));
    }
  }
  return image;
}

constexpr Content kContents[] = {Content::kPhoto,     Content::kDrawing,   Content::kFewColours,
                                 Content::kOneColour, Content::kFewLevels, Content::kNoise};

TEST(LosslessCodec, BringsBackEveryKindOfPicture) {
  const auto codec = make_lossless_codec();
  for (const auto content : kContents) {
    for (const std::uint32_t channels : {1U, 3U}) {
      for (const std::uint32_t depth : {8U, 16U}) {
        for (const bool alpha : {false, true}) {
          for (const auto& [width, height] : {std::pair{1U, 1U}, {1U, 33U}, {70U, 1U}, {61U, 43U}}) {
            auto image = picture(width, height, channels, depth, alpha, content);
            image.metadata.icc = {std::byte{1}, std::byte{2}};
            image.metadata.resolution = {Resolution::Unit::kInch, 72000, 72000};
            const auto file = codec->compress(image);
            EXPECT_EQ(codec->decompress(file), image)
                << static_cast<int>(content) << " " << width << "x" << height << "x" << channels << " of "
                << depth << (alpha ? " alpha" : "");
            codec->check(file);
          }
        }
      }
    }
  }
}

TEST(LosslessCodec, SaysWhatItIs) {
  const auto codec = Codec::lossless();
  const auto file = codec->compress(picture(40, 30, 3, 8, true, Content::kPhoto));
  const FileInfo info = peek(file);
  EXPECT_EQ(info.profile, Profile::kLossless);
  EXPECT_EQ(info.model_id, ModelId{});
  EXPECT_EQ(info.quality, 0);
  EXPECT_TRUE(info.has_alpha);
  EXPECT_EQ(codec->architecture(), "lossless");
  EXPECT_EQ(codec->id(), ModelId{});
}

// Wide and low, so that there are several bands of few pixels.
TEST(LosslessCodec, BandsDecodeAloneAndOnAllThreads) {
  const auto codec = make_lossless_codec();
  const auto image = picture(8192, 140, 1, 8, false, Content::kDrawing);
  const auto file = codec->compress(image, {.threads = 3});
  EXPECT_EQ(bitstream::parse(file).bands.size(), 2U);
  EXPECT_EQ(file, codec->compress(image, {.threads = 1}));
  EXPECT_EQ(codec->decompress(file, {.threads = 3}), image);
  for (const View view : {View{100, 120, 50, 20}, View{8191, 139, 1, 1}, View{0, 127, 8192, 2}}) {
    const auto part = codec->decompress(file, {.view = view});
    ASSERT_EQ(part.width, view.width);
    for (std::uint32_t y = 0; y < view.height; ++y) {
      EXPECT_TRUE(std::equal(&part.samples[std::size_t{y} * view.width],
                             &part.samples[std::size_t{y} * view.width] + view.width,
                             &image.samples[std::size_t{view.y + y} * 8192 + view.x]));
    }
  }
}

TEST(LosslessCodec, AScaleGivesTheMeansOfCells) {
  const auto codec = make_lossless_codec();
  const auto image = picture(37, 21, 1, 8, true, Content::kPhoto);
  const auto small = codec->decompress(codec->compress(image), {.view = {.scale = 4}});
  ASSERT_EQ(small.width, 10U);
  ASSERT_EQ(small.height, 6U);
  std::uint32_t sum = 0, alpha = 0;
  for (std::uint32_t y = 4; y < 8; ++y) {
    for (std::uint32_t x = 16; x < 20; ++x) {
      sum += image.samples[y * 37 + x];
      alpha += image.alpha[y * 37 + x];
    }
  }
  EXPECT_EQ(small.samples[10 + 4], (sum + 8) / 16);
  EXPECT_EQ(small.alpha[10 + 4], (alpha + 8) / 16);
}

TEST(LosslessCodec, IntoMemoryOfTheCaller) {
  const auto codec = make_lossless_codec();
  const auto image = picture(33, 20, 3, 8, false, Content::kPhoto);
  const auto file = codec->compress(image);
  std::vector<std::uint8_t> rgba(33 * 20 * 4, 7);
  (void)codec->decompress_into(file, ImageBuffer(rgba.data(), 33, 20, 4));
  for (std::size_t i = 0; i < 33 * 20; ++i) {
    ASSERT_TRUE(std::equal(&rgba[4 * i], &rgba[4 * i] + 3, &image.samples[3 * i]));
    ASSERT_EQ(rgba[4 * i + 3], 255);
  }
}

TEST(LosslessCodec, LimitsComeBeforeWork) {
  const auto codec = make_lossless_codec();
  const auto image = picture(64, 64, 3, 8, false, Content::kPhoto);
  const auto file = codec->compress(image);
  const auto code_of = [](const auto& action) {
    try {
      action();
    } catch (const Error& error) {
      return error.code();
    }
    return ErrorCode::kInternal;
  };
  Limits small, little;
  small.max_side = 63;
  little.max_memory = 1 << 20;
  EXPECT_EQ(code_of([&] { (void)codec->decompress(file, {.limits = small}); }), ErrorCode::kLimit);
  EXPECT_EQ(code_of([&] { (void)codec->compress(image, {.limits = small}); }), ErrorCode::kLimit);
  // However large the limits, sides must be countable.
  Limits large;
  large.max_side = 0xFFFFFFFF;
  large.max_pixels = std::uint64_t{1} << 40;
  std::vector<std::uint8_t> row(1);
  ImageView wide(row.data(), (1U << 28) + 1, 1, 1);
  EXPECT_EQ(code_of([&] { (void)codec->compress(wide, {.limits = large}); }), ErrorCode::kLimit);
  EXPECT_EQ(code_of([&] { (void)codec->decompress(file, {.limits = little}); }), ErrorCode::kLimit);
  EXPECT_EQ(code_of([&] { (void)codec->compress(image, {.limits = little}); }), ErrorCode::kLimit);
}

// A flat picture of a megapixel.
TEST(LosslessCodec, WhatIsSimpleIsSmall) {
  const auto codec = make_lossless_codec();
  EXPECT_LE(codec->compress(picture(1024, 1024, 3, 8, true, Content::kOneColour)).size(), 80U);
  EXPECT_LE(codec->compress(picture(1, 1, 1, 8, false, Content::kOneColour)).size(), 40U);
}

// Any damage is told, or changes nothing.
TEST(LosslessCodec, DamageIsTold) {
  const auto codec = make_lossless_codec();
  for (const auto content : kContents) {
    const auto image = picture(19, 13, 3, 8, true, content);
    const auto file = codec->compress(image);
    const auto container = bitstream::parse(file);
    const auto damaged = [&](std::span<const std::byte> plan, std::span<const std::byte> band) {
      auto other = container;
      other.plan = plan;
      other.bands = {band};
      try {
        EXPECT_EQ(codec->decompress(bitstream::write(other)), image);
      } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::kCorrupt) << error.what();
      }
    };
    const std::vector<std::byte> plan(container.plan.begin(), container.plan.end()),
        band(container.bands[0].begin(), container.bands[0].end());
    for (std::size_t size = 1; size < plan.size(); ++size) damaged(std::span(plan).first(size), band);
    for (std::size_t size = 0; size < band.size(); size += 7) damaged(plan, std::span(band).first(size));
    for (std::size_t bit = 0; bit < 8 * plan.size(); ++bit) {
      auto flipped = plan;
      flipped[bit / 8] ^= static_cast<std::byte>(1 << (bit % 8));
      damaged(flipped, band);
    }
    for (std::size_t bit = 0; bit < 8 * band.size(); bit += 19) {
      auto flipped = band;
      flipped[bit / 8] ^= static_cast<std::byte>(1 << (bit % 8));
      damaged(plan, flipped);
    }
  }
}

TEST(ColourTransform, ComesBackAndKeepsItsRanges) {
  std::mt19937 random(4);
  for (int transform = 0; transform < kColourTransforms; ++transform) {
    const std::array<std::int32_t, 3> high{255, 19, 65535};
    const auto ranges = transformed_ranges(transform, high);
    for (int i = 0; i < 2000; ++i) {
      std::array<std::int32_t, 3> colour{};
      for (std::size_t c = 0; c < 3; ++c) {
        const auto kind = random() % 3;
        colour[c] = kind == 0   ? 0
                    : kind == 1 ? high[c]
                                : static_cast<std::int32_t>(random()) & high[c] & 0xFFFF;
        colour[c] = std::min(colour[c], high[c]);
      }
      auto changed = colour;
      transform_colour(transform, changed.data());
      for (std::size_t c = 0; c < 3; ++c) {
        ASSERT_GE(changed[c], ranges[c].low) << transform;
        ASSERT_LE(changed[c], ranges[c].high) << transform;
      }
      restore_colour(transform, changed.data());
      ASSERT_EQ(changed, colour) << transform;
    }
  }
}

// The plan follows what a picture is made of.
TEST(LosslessChoice, FollowsThePicture) {
  const auto few = choose_plan(picture(300, 300, 3, 8, false, Content::kFewColours));
  EXPECT_TRUE(!few.palette.empty() || (few.has_levels() && few.repeats != entropy::Repeats::kNone));
  const auto noise = choose_plan(picture(300, 300, 3, 8, false, Content::kNoise));
  EXPECT_TRUE(noise.palette.empty() && !noise.has_levels() && noise.repeats == entropy::Repeats::kNone);
  const auto levels = choose_plan(picture(300, 300, 1, 16, false, Content::kFewLevels));
  EXPECT_TRUE(levels.has_levels() || !levels.palette.empty());
}

// Golden files: made once by tools/make_golden; they decode to the same samples for ever.
TEST(Golden, LosslessFilesDecodeToTheSameSamples) {
  struct Case {
    const char* name;
    std::uint64_t hash;  // FNV-1a of colours and alpha, a sample at a time
    int plan;            // the first byte of the plan (docs/format.md, section 5.9)
  };
  constexpr Case kCases[] = {
      {"lossless-v1-rgb.vaec", 0xd4b1e23af4d09321, 0x00},
      {"lossless-v1-grey.vaec", 0x08811d8191a160d9, 0x00},
      {"lossless-v1-rgba16.vaec", 0x721cfeb35803b2aa, 0x80},
      {"lossless-v1-repeats.vaec", 0x2be657c931aee829, 0x82},
      {"lossless-v1-levels.vaec", 0xe6c9c47bd6be1b6d, 0x81},
      {"lossless-v1-palette2.vaec", 0x3033c6375ef70914, 0x7f},
      {"lossless-v1-palette9.vaec", 0x9a93e2680d0166c8, 0x7f},
      {"lossless-v1-palette90.vaec", 0xfeb5eb773142c3d7, 0x7f},
      {"lossless-v1-greyalpha.vaec", 0x7adad1d77a1283bd, 0x7f},
      {"lossless-v1-rgba.vaec", 0xb0e132a36d02ceaf, 0x7f},
      {"lossless-v1-bands.vaec", 0x15d8b69fac9c4a75, 0x7f},
      // Forged: its last step goes further than 32 bits, and is bounded.
      {"lossless-v1-far.vaec", 0x4530aee5c890da38, 0x00},
  };
  for (const auto& known : kCases) {
    std::ifstream in(std::string(VAEC_SOURCE_DIR "/tests/golden/") + known.name, std::ios::binary);
    const std::string text((std::istreambuf_iterator<char>(in)), {});
    ASSERT_FALSE(text.empty()) << known.name;
    EXPECT_EQ(static_cast<int>(bitstream::parse(std::as_bytes(std::span(text))).plan[0]), known.plan);
    const Image image = make_lossless_codec()->decompress(std::as_bytes(std::span(text)));
    EXPECT_EQ(hash_of(image), known.hash) << known.name;
  }
}

}  // namespace
}  // namespace vaec::codec
