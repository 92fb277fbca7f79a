// What is drawn is kept exactly: as blocks of a lossy file, or as a lossless file.
#include "codec/guard.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "bitstream/container.hpp"
#include "codec/photo_codec.hpp"
#include "codec/psnr.hpp"
#include "codec/tiny_codec.hpp"
#include "model_files.hpp"
#include "vaec/error.hpp"

namespace vaec::codec {
namespace {

// Something seen: noise over slow waves.
double seen(std::uint32_t x, std::uint32_t y, std::uint32_t c, std::mt19937& random) {
  return 128 + 50 * std::sin(0.02 * x + c) + 50 * std::cos(0.03 * y - c) + static_cast<double>(random() % 23);
}

// Something drawn: strokes, black on white.
double drawn(std::uint32_t x, std::uint32_t y) {
  return (x * 7 % 5 == 0 && y % 11 < 8) || (y % 11 == 3 && x % 13 < 9) ? 0 : 255;
}

// Drawn in the columns from `left` to `right` - 1, seen elsewhere.
Image half_drawn(std::uint32_t width, std::uint32_t height, std::uint32_t channels, std::uint32_t depth,
                 std::uint32_t left, std::uint32_t right) {
  std::mt19937 random(5);
  Image image{width, height, channels};
  image.bit_depth = depth;
  for (std::uint32_t y = 0; y < height; ++y) {
    for (std::uint32_t x = 0; x < width; ++x) {
      for (std::uint32_t c = 0; c < channels; ++c) {
        const double value = x >= left && x < right ? drawn(x, y) : seen(x, y, c, random);
        if (depth == 16) {
          image.samples16.push_back(static_cast<std::uint16_t>(257 * std::clamp(value, 0.0, 255.0)));
        } else {
          image.samples.push_back(static_cast<std::uint8_t>(std::clamp(value, 0.0, 255.0)));
        }
      }
    }
  }
  return image;
}

// The samples of a rectangle, of 8 or 16 bits.
std::vector<std::uint16_t> cut(const Image& image, std::uint32_t left, std::uint32_t top, std::uint32_t right,
                               std::uint32_t bottom) {
  std::vector<std::uint16_t> samples;
  for (std::uint32_t y = top; y < bottom; ++y) {
    for (std::uint32_t i = left * image.channels; i < right * image.channels; ++i) {
      const std::size_t at = std::size_t{y} * image.width * image.channels + i;
      samples.push_back(image.bit_depth == 16 ? image.samples16.at(at) : image.samples.at(at));
    }
  }
  return samples;
}

TEST(Guard, KeepsDrawnBlocksExactly) {
  for (const std::uint32_t channels : {1U, 3U}) {
    for (const std::uint32_t depth : {8U, 16U}) {
      const auto image = half_drawn(201, 131, channels, depth, 64, 145);
      const auto file = tiny().compress(image);
      ASSERT_FALSE(bitstream::parse(file).exact.streams.empty()) << channels << " channels of " << depth;
      const auto back = tiny().decompress(file),
                 without = tiny().decompress(tiny().compress(image, {.guard = false}));
      EXPECT_EQ(cut(back, 64, 0, 144, 131), cut(image, 64, 0, 144, 131))
          << channels << " channels of " << depth;
      EXPECT_NE(cut(back, 0, 0, 64, 131), cut(image, 0, 0, 64, 131));
      EXPECT_GT(psnr(image, back), psnr(image, without));
      EXPECT_GT(peek(file).exact_blocks, 0U);
      tiny().check(file);
    }
  }
}

TEST(Guard, CodesWhatIsAllDrawnWithoutLoss) {
  for (const std::uint32_t depth : {8U, 16U}) {
    const auto image = half_drawn(150, 90, 3, depth, 0, 150);
    for (const int effort : {2, 3}) {
      const auto file = tiny().compress(image, {.effort = effort});
      EXPECT_EQ(peek(file).profile, Profile::kLossless);
      EXPECT_EQ(tiny().decompress(file), image);
    }
  }
}

TEST(Guard, LeavesAloneWhatIsSeenAndWhenItIsToldTo) {
  const auto photograph = half_drawn(150, 90, 3, 8, 150, 150);
  EXPECT_FALSE(drawn_blocks(photograph).any());
  EXPECT_EQ(tiny().compress(photograph), tiny().compress(photograph, {.guard = false}));
  const auto screen = half_drawn(201, 131, 3, 8, 0, 201);
  const auto container = tiny().compress(screen, {.guard = false});
  EXPECT_EQ(peek(container).profile, Profile::kHyperprior);
  EXPECT_EQ(peek(container).exact_blocks, 0U);
}

TEST(Guard, KeepsAlphaAsItIs) {
  auto image = half_drawn(201, 131, 3, 8, 64, 145);
  for (std::size_t i = 0; i < std::size_t{201} * 131; ++i) image.alpha.push_back(i % 201 < 30 ? 0 : i % 256);
  const auto file = tiny().compress(image);
  ASSERT_FALSE(bitstream::parse(file).exact.streams.empty());
  const auto back = tiny().decompress(file);
  EXPECT_EQ(back.alpha, image.alpha);
  EXPECT_EQ(cut(back, 64, 0, 144, 131), cut(image, 64, 0, 144, 131));
}

TEST(Guard, ShowsExactBlocksInRegionsAndSmallerPictures) {
  const auto image = half_drawn(201, 131, 3, 8, 64, 145);
  const auto file = tiny().compress(image);
  const auto whole = tiny().decompress(file);
  const auto region = tiny().decompress(file, {.view = {70, 20, 100, 90, 1}});
  EXPECT_EQ(cut(region, 0, 0, 100, 90), cut(whole, 70, 20, 170, 110));
  for (const std::uint32_t scale : {2U, 4U, 8U, 16U}) {
    for (const View& view : {View{.scale = scale}, View{75, 37, 60, 94, scale}}) {
      const auto small = tiny().decompress(file, {.view = view});
      // The part that is drawn, in cells of the whole picture.
      const std::uint32_t left = view.width == 0 ? 0 : view.x / scale, top = view.y / scale;
      for (std::uint32_t y = 0; y < small.height; ++y) {
        for (std::uint32_t x = 0; x < small.width; ++x) {
          const std::uint32_t from = (left + x) * scale, row = (top + y) * scale;
          if (from < 64 || from + scale > 144) continue;
          std::uint32_t sum = 0, count = 0;
          for (std::uint32_t k = row; k < std::min(row + scale, 131U); ++k) {
            for (std::uint32_t i = from; i < from + scale; ++i, ++count)
              sum += image.samples[(std::size_t{k} * 201 + i) * 3];
          }
          ASSERT_EQ(small.samples[(std::size_t{y} * small.width + x) * 3], (sum + count / 2) / count)
              << "1/" << scale << " at " << x << "," << y;
        }
      }
    }
  }
}

TEST(Guard, RefusesForgedBlocks) {
  const auto image = half_drawn(201, 131, 3, 8, 64, 145);
  const auto file = tiny().compress(image);
  auto container = bitstream::parse(file);
  const auto right = container.exact.streams[0];
  std::vector<std::byte> forged(right.begin(), right.end());
  const auto refused = [&](const char* why) {
    container.exact.streams[0] = forged;
    const auto bad = bitstream::write(container);
    EXPECT_THROW((void)tiny().decompress(bad), Error) << why;
    EXPECT_THROW(tiny().check(bad), Error) << why;
  };
  forged[0] = std::byte{2};
  refused("an unknown kind");
  forged[0] = std::byte{1};
  refused("a mask that is taken for pixels");
  forged.assign(right.begin(), right.end());
  forged.back() ^= std::byte{1};
  refused("other pixels");
  forged.resize(3);
  refused("a stream that was cut off");
}

}  // namespace
}  // namespace vaec::codec
