#include "codec/filter_coder.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "bitstream/container.hpp"
#include "codec/psnr.hpp"
#include "codec/tiny_codec.hpp"
#include "vaec/error.hpp"

namespace vaec::codec {
namespace {

using infer::LastFilter;

TEST(FilterCoder, BringsBackEveryFilter) {
  std::mt19937 random(1);
  for (const std::size_t classes : {std::size_t{1}, infer::kFilterClasses}) {
    for (const std::size_t colours : {1U, 3U}) {
      LastFilter filter{classes, colours, {}};
      for (std::size_t i = 0; i < classes * colours * infer::kFilterTaps; ++i)
        filter.weights.push_back(static_cast<std::int8_t>(static_cast<int>(random() % 255) - 127));
      const auto content = write_filter(filter);
      const LastFilter back = read_filter(content, colours);
      EXPECT_EQ(back.classes, classes);
      EXPECT_EQ(back.weights, filter.weights);
      auto forged = content;
      forged[0] = std::byte{2};
      EXPECT_THROW((void)read_filter(forged, colours), Error);
      forged = content;
      forged.push_back(std::byte{9});
      EXPECT_THROW((void)read_filter(forged, colours), Error);
    }
  }
  EXPECT_TRUE(write_filter({}).empty());
}

// Waves that g_s is said to give with a checkerboard over them: a filter takes it away.
TEST(FilterFit, FindsWhatIsMissed) {
  for (const std::uint32_t channels : {1U, 3U}) {
    constexpr int kSide = 128;
    Image image{kSide, kSide, channels};
    std::vector<std::int16_t> given;
    for (int y = 0; y < kSide; ++y) {
      for (int x = 0; x < kSide; ++x) {
        const double value = 128 + 60 * std::sin(0.05 * x) + 50 * std::cos(0.04 * y);
        for (std::uint32_t c = 0; c < channels; ++c)
          image.samples.push_back(static_cast<std::uint8_t>(value));
        for (int c = 0; c < 3; ++c)
          given.push_back(static_cast<std::int16_t>(64 * (std::floor(value) + ((x + y) % 2 == 0 ? 3 : -3))));
      }
    }
    const ImageView view = image;
    FilterFit fit(view);
    FilterFit::Run run(fit, 0, kSide, kSide, 16);
    const std::size_t line = kSide * 3;
    for (std::size_t row = 0; row < kSide; ++row) run.push(std::span(given).subspan(row * line, line));
    const LastFilter filter = fit.best(0.01);
    ASSERT_GT(filter.classes, 0U);
    double before = 0, after = 0;
    infer::LastFilterRun filtered(filter, kSide, kSide, kSide, kSide,
                                  [&](int row, std::span<const std::int16_t> rgb) {
                                    for (std::size_t x = 4; x + 4 < kSide; ++x) {
                                      const std::size_t at = static_cast<std::size_t>(row) * kSide + x;
                                      const double wanted = 64.0 * image.samples[at * channels];
                                      before += std::pow(given[at * 3] - wanted, 2);
                                      after += std::pow(rgb[x * 3] - wanted, 2);
                                    }
                                  });
    for (std::size_t row = 0; row < kSide; ++row) filtered.push(std::span(given).subspan(row * line, line));
    EXPECT_LT(after, 0.1 * before);
    EXPECT_EQ(fit.best(1e-9).classes, 0U);  // not worth a bit
  }
}

// A file with a filter: parts of the picture are parts of the whole.
TEST(LastFilterOfAFile, IsSeenInRegionsAsInTheWhole) {
  Image image{300, 200, 3};
  std::mt19937 random(2);
  for (std::uint32_t y = 0; y < 200; ++y) {
    for (std::uint32_t i = 0; i < 900; ++i)
      image.samples.push_back(static_cast<std::uint8_t>(
          128 + 80 * std::sin(0.3 * (i / 3)) * std::cos(0.2 * y) + static_cast<double>(random() % 9)));
  }
  const auto with = tiny().compress(image, {.quality = 90, .guard = false}),
             without = tiny().compress(image, {.quality = 90, .effort = 1, .guard = false});
  ASSERT_FALSE(bitstream::parse(with).filter.empty());
  EXPECT_TRUE(bitstream::parse(without).filter.empty());
  auto container = bitstream::parse(with);
  const auto whole = tiny().decompress(with);
  container.filter = {};
  EXPECT_GT(psnr(image, whole), psnr(image, tiny().decompress(bitstream::write(container))));
  for (const View& view : {View{0, 0, 40, 30, 1}, View{16, 16, 16, 16, 1}, View{101, 57, 150, 101, 1},
                           View{270, 180, 30, 20, 1}, View{150, 0, 1, 200, 1}}) {
    const auto part = tiny().decompress(with, {.view = view});
    for (std::uint32_t y = 0; y < view.height; ++y) {
      const auto* from = whole.samples.data() + ((view.y + y) * std::size_t{300} + view.x) * 3;
      ASSERT_TRUE(
          std::equal(from, from + view.width * 3, part.samples.data() + std::size_t{y} * view.width * 3))
          << view.x << "," << view.y << " row " << y;
    }
  }
  tiny().check(with);
  container = bitstream::parse(with);
  std::vector<std::byte> forged(container.filter.begin(), container.filter.end());
  forged[0] = std::byte{3};
  container.filter = forged;
  EXPECT_THROW(tiny().check(bitstream::write(container)), Error);
}

}  // namespace
}  // namespace vaec::codec
