// Pictures with alpha, of 16 bits, with metadata.
#include <gtest/gtest.h>

#include <cmath>

#include "bitstream/container.hpp"
#include "codec/photo_codec.hpp"
#include "codec/psnr.hpp"
#include "codec/tiny_codec.hpp"
#include "codec/transparent.hpp"
#include "model_files.hpp"
#include "vaec/error.hpp"

namespace vaec::codec {
namespace {

// Waves, with alpha (0: none, 1: soft, 2: with a hole) and of 8 or 16 bits.
Image waves(std::uint32_t width, std::uint32_t height, std::uint32_t channels, std::uint32_t depth,
            int alpha) {
  Image image{width, height, channels};
  image.bit_depth = depth;
  const double unit = depth == 16 ? 257 : 1;
  for (std::uint32_t y = 0; y < height; ++y) {
    for (std::uint32_t x = 0; x < width; ++x) {
      for (std::uint32_t c = 0; c < channels; ++c) {
        const double value = unit * (128 + 60 * std::sin(0.03 * x + c) + 50 * std::cos(0.04 * y - c));
        if (depth == 16) {
          image.samples16.push_back(static_cast<std::uint16_t>(value));
        } else {
          image.samples.push_back(static_cast<std::uint8_t>(value));
        }
      }
      if (alpha == 0) continue;
      const bool hole = alpha == 2 && x > width / 4 && x < width / 2;
      const double opacity = hole ? 0 : unit * (255 - (x + y) % 256);
      if (depth == 16) {
        image.alpha16.push_back(static_cast<std::uint16_t>(opacity));
      } else {
        image.alpha.push_back(static_cast<std::uint8_t>(opacity));
      }
    }
  }
  return image;
}

TEST(PictureKinds, AllComeBack) {
  for (const std::uint32_t channels : {1U, 3U}) {
    for (const std::uint32_t depth : {8U, 16U}) {
      for (const int alpha : {0, 1}) {
        const auto image = waves(150, 90, channels, depth, alpha);
        for (const int effort : {2, 3}) {
          const auto file = tiny().compress(image, {.quality = 90, .effort = effort});
          const auto header = bitstream::parse(file).header;
          EXPECT_EQ(header.channels, channels + (alpha != 0 ? 1 : 0));
          EXPECT_EQ(header.bit_depth, depth);
          const auto back = tiny().decompress(file);
          EXPECT_EQ(back.channels, channels);
          EXPECT_EQ(back.bit_depth, depth);
          EXPECT_EQ(back.alpha, image.alpha);
          EXPECT_EQ(back.alpha16, image.alpha16);
          EXPECT_GT(psnr(image, back), 28);
        }
      }
    }
  }
}

// The same picture of 8 and of 16 bits gives the same to within rounding, and 16 bits are finer than 8.
TEST(PictureKinds, SixteenBitsAreNotRoundedTo8) {
  const auto deep = tiny().decompress(tiny().compress(waves(150, 90, 3, 16, 0), {.quality = 90}));
  std::size_t fine = 0;
  for (const auto sample : deep.samples16) fine += sample % 257 != 0 ? 1 : 0;
  EXPECT_GT(fine, deep.samples16.size() * 9 / 10);
}

TEST(PictureKinds, WhatIsNotSeenCostsNothing) {
  auto image = waves(256, 256, 3, 8, 2);
  for (std::size_t i = 0; i < image.samples.size(); ++i) {  // a mosaic where nothing is seen
    const std::size_t cell = i / 3 % 256 / 16 * 31 + i / 3 / 256 / 16 * 57 + i % 3 * 7;
    if (image.alpha[i / 3] == 0) image.samples[i] = static_cast<std::uint8_t>(cell * cell * 97);
  }
  const auto latent_bytes = [](const std::vector<std::byte>& file) {
    return bitstream::parse(file).bands[0].size();
  };
  auto opaque = image;
  opaque.alpha.assign(image.alpha.size(), 255);
  // The fill is smooth as squared error counts it: a model for the eye takes a little more for it.
  for (const auto& [name, most] : {std::pair(kPsnrModel, 1.02), std::pair(kShippedModel, 1.05)}) {
    SCOPED_TRACE(name);
    const auto codec = make_photo_codec(model::SafeTensors::open(name));
    const auto bytes = [&](const Image& of) {
      return static_cast<double>(latent_bytes(codec->compress(of, {.quality = 80})));
    };
    const auto unseen = bytes(image);
    EXPECT_LT(unseen, most * bytes(waves(256, 256, 3, 8, 0)));
    EXPECT_GT(bytes(opaque), 1.05 * unseen);
  }
}

TEST(Transparency, TheFillIsAContinuation) {
  auto image = waves(64, 64, 3, 8, 2);
  const auto filled = with_smooth_hidden(image);
  for (std::size_t i = 0; i < image.samples.size(); ++i) {
    if (image.alpha[i / 3] > 0) {
      ASSERT_EQ(filled.samples[i], image.samples[i]);
    } else {
      ASSERT_NEAR(filled.samples[i], image.samples[i], 60);  // the waves' own height is 220
    }
  }
  image.alpha.assign(image.alpha.size(), 0);  // nothing is seen at all
  EXPECT_TRUE(has_transparent(image));
  const auto nothing = with_smooth_hidden(image);
  EXPECT_EQ(nothing.samples, std::vector<std::uint8_t>(image.samples.size(), nothing.samples[0]));
}

TEST(PictureKinds, ViewsHaveAlphaAndDepth) {
  for (const std::uint32_t depth : {8U, 16U}) {
    const auto image = waves(200, 1300, 3, depth, 1);  // three bands of alpha
    const auto file = tiny().compress(image, {.quality = 80});
    ASSERT_EQ(bitstream::parse(file).alpha.streams.size(), 3U);
    const auto whole = tiny().decompress(file);
    View view{30, 600, 101, 500, 1};
    const auto part = tiny().decompress(file, {.view = view});
    for (std::uint32_t y = 0; y < view.height; ++y) {
      for (std::uint32_t x = 0; x < view.width; ++x) {
        const auto here = std::size_t{y} * view.width + x, there = std::size_t{y + view.y} * 200 + x + view.x;
        if (depth == 16) {
          ASSERT_EQ(part.alpha16[here], whole.alpha16[there]);
        } else {
          ASSERT_EQ(part.alpha[here], whole.alpha[there]);
        }
      }
    }
    for (const std::uint32_t scale : {2U, 8U}) {
      const auto small = tiny().decompress(file, {.view = {0, 0, 0, 0, scale}});
      EXPECT_EQ(small.alpha.size() + small.alpha16.size(), std::size_t{small.width} * small.height);
      EXPECT_EQ(small.bit_depth, depth);
      EXPECT_EQ(small.samples.size() + small.samples16.size(), std::size_t{small.width} * small.height * 3);
    }
  }
}

TEST(PictureKinds, MetadataIsKept) {
  auto image = waves(20, 20, 3, 8, 0);
  for (int i = 0; i < 3000; ++i) image.metadata.icc.push_back(static_cast<std::byte>(i / 16));
  image.metadata.exif = {std::byte{1}, std::byte{2}};
  image.metadata.xmp = {std::byte{3}};
  image.metadata.resolution = {Resolution::Unit::kInch, 300000, 72500};
  const auto file = tiny().compress(image, {.quality = 50});
  EXPECT_EQ(tiny().decompress(file).metadata, image.metadata);
  Limits limits;
  limits.max_metadata = 2999;
  try {
    (void)tiny().compress(image, {.limits = limits});
    ADD_FAILURE() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kLimit);
  }
  try {
    (void)tiny().decompress(file, {.limits = limits});
    ADD_FAILURE() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kLimit);
    EXPECT_STREQ(error.what(),
                 "ICC profile of more than 2999 bytes, which is the limit (see --max-metadata and --strip)");
  }
}

TEST(PictureKinds, ImagesThatContradictThemselvesAreRefused) {
  const auto good = waves(8, 8, 3, 8, 1);
  std::vector<Image> bad(6, good);
  bad[0].alpha.pop_back();
  bad[1].alpha16.resize(64);
  bad[2].bit_depth = 16;
  bad[3].bit_depth = 10;
  bad[4].samples16.resize(192);
  bad[5].channels = 4;
  for (const auto& image : bad) {
    try {
      (void)tiny().compress(image, {.quality = 50});
      ADD_FAILURE() << "no error";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kUsage);
    }
  }
}

}  // namespace
}  // namespace vaec::codec
