// Pictures in a caller's own memory: with gaps between rows, bottom up, alpha between the colours or apart.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "codec/photo_codec.hpp"
#include "codec/tiny_codec.hpp"
#include "model_files.hpp"
#include "vaec/error.hpp"

namespace vaec::codec {
namespace {

constexpr std::byte kGap{0x5A};  // what stands between rows

// A picture in three ways: as an Image, and with all samples side by side from the top and from the bottom.
template <typename Sample>
struct Laid {
  Image image;
  std::uint32_t samples_per_pixel;
  std::size_t stride;  // bytes
  std::vector<std::byte> down, up;

  [[nodiscard]] const Sample* first_down() const { return reinterpret_cast<const Sample*>(down.data()); }
  [[nodiscard]] const Sample* first_up() const {
    return reinterpret_cast<const Sample*>(up.data() + (image.height - 1) * stride);
  }
};

template <typename Sample>
std::vector<Sample>& colours(Image& image) {
  if constexpr (sizeof(Sample) == 2) {
    return image.samples16;
  } else {
    return image.samples;
  }
}

template <typename Sample>
std::vector<Sample>& alphas(Image& image) {
  if constexpr (sizeof(Sample) == 2) {
    return image.alpha16;
  } else {
    return image.alpha;
  }
}

template <typename Sample>
Laid<Sample> laid(std::uint32_t width, std::uint32_t height, std::uint32_t samples_per_pixel) {
  Laid<Sample> all;
  all.samples_per_pixel = samples_per_pixel;
  all.stride = (std::size_t{width} * samples_per_pixel + 10) * sizeof(Sample);
  all.down.assign(all.stride * height, kGap);
  all.up = all.down;
  Image& image = all.image;
  image.width = width, image.height = height, image.channels = samples_per_pixel < 3 ? 1 : 3;
  image.bit_depth = 8 * sizeof(Sample);
  constexpr double kUnit = sizeof(Sample) == 2 ? 257 : 1;
  for (std::uint32_t y = 0; y < height; ++y) {
    auto* down = reinterpret_cast<Sample*>(all.down.data() + y * all.stride);
    auto* up = reinterpret_cast<Sample*>(all.up.data() + (height - 1 - y) * all.stride);
    for (std::uint32_t x = 0; x < width; ++x) {
      for (std::uint32_t c = 0; c < samples_per_pixel; ++c) {
        const bool is_alpha = c == image.channels;
        const double wave = 128 + 60 * std::sin(0.03 * x + c) + 50 * std::cos(0.04 * y - c);
        const auto sample = static_cast<Sample>(!is_alpha          ? kUnit * wave
                                                : x > 20 && x < 50 ? 0
                                                                   : kUnit * (x + y % 200));
        *down++ = *up++ = sample;
        (is_alpha ? alphas<Sample>(image) : colours<Sample>(image)).push_back(sample);
      }
    }
  }
  return all;
}

template <typename Sample>
void check_compressing(std::uint32_t samples_per_pixel) {
  const auto all = laid<Sample>(130, 75, samples_per_pixel);
  const auto stride = static_cast<std::ptrdiff_t>(all.stride);
  for (const int effort : {2, 3}) {
    const CompressOptions options{.quality = 80, .effort = effort};
    const auto file = tiny().compress(all.image, options);
    const ImageView down(all.first_down(), 130, 75, samples_per_pixel, stride),
        up(all.first_up(), 130, 75, samples_per_pixel, -stride);
    EXPECT_EQ(tiny().compress(down, options), file) << samples_per_pixel << " samples, effort " << effort;
    EXPECT_EQ(tiny().compress(up, options), file) << samples_per_pixel << " samples, effort " << effort;
  }
}

TEST(ImageView, IsCompressedWhereItStands) {
  for (const std::uint32_t samples_per_pixel : {1U, 2U, 3U, 4U}) {
    check_compressing<std::uint8_t>(samples_per_pixel);
    check_compressing<std::uint16_t>(samples_per_pixel);
  }
}

TEST(ImageView, RowsWithoutGapsNeedNoStride) {
  const auto image = laid<std::uint8_t>(50, 40, 3).image;
  EXPECT_EQ(tiny().compress(ImageView(image.samples.data(), 50, 40, 3)), tiny().compress(image));
}

TEST(ImageView, BringsMetadataAlong) {
  auto image = laid<std::uint8_t>(20, 20, 3).image;
  image.metadata.xmp = {std::byte{1}, std::byte{2}};
  ImageView view(image.samples.data(), 20, 20, 3);
  view.metadata.xmp = image.metadata.xmp;
  EXPECT_EQ(tiny().compress(view), tiny().compress(image));
}

// Decompresses `view` into memory with gaps, from the top and from the bottom, with room for alpha if
// `has_room`.
template <typename Sample>
void check_decompressing(std::uint32_t samples_per_pixel, bool has_room, const View& view) {
  const auto all = laid<Sample>(130, 1100, samples_per_pixel);  // three bands
  const auto file = tiny().compress(all.image, {.quality = 80});
  Image expected = tiny().decompress(file, {.view = view});
  const auto [width, height] = size_of(view, 130, 1100);
  ASSERT_EQ(width, expected.width);
  ASSERT_EQ(height, expected.height);
  if (!has_room) alphas<Sample>(expected).clear();
  if (has_room && !expected.has_alpha()) {
    alphas<Sample>(expected).assign(std::size_t{width} * height, std::numeric_limits<Sample>::max());
  }

  const auto step = expected.channels + (has_room ? 1 : 0);
  const std::size_t row = std::size_t{width} * step, stride = row + 7;
  Sample gap;
  std::memset(&gap, static_cast<int>(kGap), sizeof gap);
  for (const bool up : {false, true}) {
    std::vector<Sample> memory(stride * height, gap);
    const auto bytes = static_cast<std::ptrdiff_t>(stride * sizeof(Sample));
    const ImageBuffer buffer(memory.data() + (up ? (height - 1) * stride : 0), width, height, step,
                             up ? -bytes : bytes);
    const auto metadata = tiny().decompress_into(file, buffer, {.view = view});
    EXPECT_EQ(metadata, expected.metadata);
    std::vector<Sample> found, found_alpha;
    for (std::size_t y = 0; y < height; ++y) {
      const auto* line = memory.data() + (up ? height - 1 - y : y) * stride;
      for (std::size_t i = 0; i < row; ++i) {
        (i % step == expected.channels ? found_alpha : found).push_back(line[i]);
      }
      for (std::size_t i = row; i < stride; ++i) ASSERT_EQ(line[i], gap) << "row " << y;
    }
    EXPECT_EQ(found, colours<Sample>(expected)) << samples_per_pixel << " samples";
    EXPECT_EQ(found_alpha, alphas<Sample>(expected)) << samples_per_pixel << " samples";
  }
}

TEST(ImageBuffer, GetsWhatDecompressGives) {
  const View views[] = {{}, {30, 490, 61, 100, 1}, {17, 400, 80, 300, 4}, {0, 0, 0, 0, 8}};
  for (const View& view : views) {
    for (const std::uint32_t samples_per_pixel : {1U, 2U, 3U, 4U}) {
      for (const bool has_room : {false, true}) {
        check_decompressing<std::uint8_t>(samples_per_pixel, has_room, view);
        check_decompressing<std::uint16_t>(samples_per_pixel, has_room, view);
      }
    }
  }
}

TEST(ImageBuffer, AlphaMayStandApart) {
  const auto all = laid<std::uint8_t>(130, 75, 4);
  const auto file = tiny().compress(all.image);
  std::vector<std::uint8_t> colour(130 * 75 * 3), alpha(130 * 75);
  ImageBuffer buffer(colour.data(), 130, 75, 3);
  buffer.alpha = {alpha.data(), 130, 1};
  tiny().decompress_into(file, buffer);
  EXPECT_EQ(alpha, all.image.alpha);
  EXPECT_EQ(colour, tiny().decompress(file).samples);
}

TEST(ImageBuffer, OfAnotherSizeIsRefusedAndLeftAlone) {
  const auto file = tiny().compress(laid<std::uint8_t>(40, 30, 3).image);
  std::vector<std::uint16_t> memory(100 * 100 * 3, 7);
  auto* bytes = reinterpret_cast<std::uint8_t*>(memory.data());
  const ImageBuffer wrong[] = {{bytes, 41, 30, 3},         {bytes, 40, 29, 3}, {bytes, 40, 30, 1},
                               {memory.data(), 40, 30, 3}, {bytes, 30, 40, 3}, {}};
  for (const auto& buffer : wrong) {
    try {
      tiny().decompress_into(file, buffer);
      ADD_FAILURE() << "no error";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kUsage) << error.what();
    }
  }
  EXPECT_THROW(tiny().decompress_into(file, ImageBuffer(bytes, 40, 30, 3), {.view = {0, 0, 20, 30}}), Error);
  EXPECT_EQ(memory, std::vector<std::uint16_t>(100 * 100 * 3, 7));
}

TEST(ImageView, WhoseMembersDoNotAgreeIsRefused) {
  std::vector<std::uint16_t> memory(64 * 64 * 4);
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(memory.data());
  const ImageView good(bytes, 16, 16, 4), deep(memory.data(), 16, 16, 4);
  EXPECT_NO_THROW((void)tiny().compress(good));
  EXPECT_NO_THROW((void)tiny().compress(deep));
  std::vector<ImageView> bad(11, good);
  bad[0].width = 0;
  bad[1].height = 0;
  bad[2].width = 0x80000000U;
  bad[3].channels = 2;
  bad[4].bit_depth = 12;
  bad[5].colour.first = nullptr;
  bad[6].colour.step = 2;
  bad[7].colour.stride = 16 * 4 - 2;  // the last sample of a row would be the next row's first
  bad[8].alpha.step = 0;
  bad[9].alpha.stride = -10;
  bad[10] = deep;
  bad[10].colour.stride += 1;
  bad.push_back(deep);
  bad.back().colour.first = bytes + 1;
  for (std::size_t i = 0; i < bad.size(); ++i) {
    try {
      (void)tiny().compress(bad[i]);
      ADD_FAILURE() << "no error: " << i;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kUsage) << i << ": " << error.what();
    }
  }
  EXPECT_THROW(ImageView(bytes, 4, 4, 0), Error);
  EXPECT_THROW(ImageView(bytes, 4, 4, 5), Error);
}

TEST(SizeOf, IsTheViewsOwn) {
  EXPECT_EQ(size_of({}, 1000, 700), (Size{1000, 700}));
  EXPECT_EQ(size_of({10, 20, 30, 40, 1}, 1000, 700), (Size{30, 40}));
  EXPECT_EQ(size_of({0, 0, 0, 0, 16}, 1000, 700), (Size{63, 44}));
  EXPECT_EQ(size_of({7, 7, 2, 2, 8}, 1000, 700), (Size{2, 2}));  // whole cells
  EXPECT_THROW((void)size_of({0, 0, 0, 0, 3}, 1000, 700), Error);
  EXPECT_THROW((void)size_of({990, 0, 20, 20, 1}, 1000, 700), Error);
  // A region without width is none, not the whole picture.
  for (const auto& empty : {View{10, 20, 0, 40}, View{10, 20, 30, 0}, View{0, 0, 0, 40}, View{10, 0}}) {
    EXPECT_THROW((void)size_of(empty, 1000, 700), Error);
  }
}

}  // namespace
}  // namespace vaec::codec
