#include "codec/photo_codec.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <random>
#include <span>

#include "bitstream/container.hpp"
#include "codec/psnr.hpp"
#include "golden_hash.hpp"
#include "model/model_file.hpp"
#include "nn/photo_file.hpp"
#include "nn/torch.hpp"
#include "temporary_folder.hpp"
#include "tiny_vae.hpp"
#include "vaec/error.hpp"

namespace vaec::codec {
namespace {

namespace fs = std::filesystem;

Image made_image(std::uint32_t width, std::uint32_t height, std::uint32_t channels, std::uint32_t seed = 1) {
  std::mt19937 random(seed);
  Image image{width, height, channels, {}};
  for (std::uint32_t y = 0; y < height; ++y) {
    for (std::uint32_t x = 0; x < width; ++x) {
      for (std::uint32_t c = 0; c < channels; ++c) {
        const double wave = std::sin(x * 0.04 + c) + std::cos(y * 0.03 - c) + std::sin((x + y) * 0.02);
        image.samples.push_back(static_cast<std::uint8_t>(128 + 35 * wave + static_cast<int>(random() % 9)));
      }
    }
  }
  return image;
}

class PhotoCodecTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    const TemporaryFolder folder;
    const auto file = folder / "photo.safetensors";
    auto vae = nn::tiny_vae();
    const auto statistics = nn::tiny_statistics(vae);
    nn::save_photo(vae, file, "{}", &statistics);
    codec_ = make_photo_codec(model::SafeTensors::open(file));
  }
  static void TearDownTestSuite() { codec_.reset(); }

  static std::unique_ptr<LatentCodec> codec_;
};

std::unique_ptr<LatentCodec> PhotoCodecTest::codec_;

TEST_F(PhotoCodecTest, BringsBackPicturesOfAnySize) {
  const std::pair<std::uint32_t, std::uint32_t> sizes[] = {{1, 1},   {1, 300}, {300, 1},   {63, 65},
                                                           {64, 64}, {65, 63}, {200, 131}, {70, 600}};
  for (const auto& [width, height] : sizes) {
    for (const std::uint32_t channels : {1U, 3U}) {
      const auto image = made_image(width, height, channels);
      const auto file = codec_->compress(image, {.quality = 90});
      const auto back = codec_->decompress(file);
      EXPECT_EQ(back.width, width);
      EXPECT_EQ(back.height, height);
      EXPECT_EQ(back.channels, channels);
      ASSERT_EQ(back.samples.size(), image.samples.size());
      EXPECT_GT(psnr(image, back), 20) << width << "x" << height << "x" << channels;
    }
  }
}

TEST_F(PhotoCodecTest, GivesMoreQualityForMoreBytes) {
  const auto image = made_image(256, 192, 3);
  std::size_t bytes = 0;
  double quality = 0;
  for (const int q : {1, 30, 60, 100}) {
    const auto file = codec_->compress(image, {.quality = q});
    const double found = psnr(image, codec_->decompress(file));
    EXPECT_GT(file.size(), bytes) << q;
    EXPECT_GT(found, quality) << q;
    bytes = file.size();
    quality = found;
  }
}

TEST_F(PhotoCodecTest, LatentIsTheSameOverThreads) {
  const auto image = made_image(130, 1100, 3);  // three bands
  const auto file = codec_->compress(image, {.quality = 70, .threads = 2});
  ASSERT_EQ(bitstream::parse(file).bands.size(), 3U);
  const auto expected = codec_->decode_latent(file);
  for (const int threads : {1, 2, 3}) {
    EXPECT_EQ(codec_->decode_latent(file, {.threads = threads}), expected) << threads;
  }
}

// The windows' seams must not show: a picture wider than a window against its right part,
// far from any border effect.
TEST_F(PhotoCodecTest, WindowsGiveTheWholePicturesResult) {
  auto wide = made_image(64, 64, 3);
  const std::uint32_t width = 1536 + 512;
  Image image{width, 64, 3, {}};
  for (std::uint32_t y = 0; y < 64; ++y) {
    for (std::uint32_t x = 0; x < width; ++x) {  // periodic by 64 pixels, as is the network
      const auto* pixel = &wide.samples[(y * 64 + x % 64) * 3];
      image.samples.insert(image.samples.end(), pixel, pixel + 3);
    }
  }
  const auto back = codec_->decompress(codec_->compress(image, {.quality = 100}));
  // Far from the left and right ends every period decodes alike, at the seam (x = 1536) as elsewhere.
  for (std::uint32_t y = 0; y < 64; ++y) {
    for (std::uint32_t x = 1536 - 128; x < 1536 + 128; ++x) {
      for (std::uint32_t c = 0; c < 3; ++c) {
        const int here = back.samples[(y * width + x) * 3 + c],
                  before = back.samples[(y * width + x - 512) * 3 + c];
        ASSERT_NEAR(here, before, 1) << x << "," << y;
      }
    }
  }
}

TEST_F(PhotoCodecTest, RefusesEveryTruncationAndEveryFlippedBit) {
  const auto file = codec_->compress(made_image(40, 30, 3), {.quality = 20});
  for (std::size_t length = 0; length < file.size(); ++length) {
    try {
      (void)codec_->decompress(std::span(file).first(length));
      ADD_FAILURE() << "accepted " << length << " of " << file.size() << " bytes";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kCorrupt) << error.what();
    }
  }
  for (std::size_t bit = 0; bit < file.size() * 8; ++bit) {
    auto flipped = file;
    flipped[bit / 8] ^= static_cast<std::byte>(1 << bit % 8);
    EXPECT_THROW((void)codec_->decompress(flipped), Error) << bit;
  }
}

// A file that is whole by its checksum but whose streams say something else.
TEST_F(PhotoCodecTest, RefusesForgedStreams) {
  const auto file = codec_->compress(made_image(100, 80, 3), {.quality = 40});
  std::mt19937 random(5);
  for (int i = 0; i < 200; ++i) {
    auto container = bitstream::parse(file);
    std::vector<std::byte> hyper(container.hyper.begin(), container.hyper.end());
    std::vector<std::byte> band(container.bands[0].begin(), container.bands[0].end());
    auto& stream = i % 2 == 0 || hyper.empty() ? band : hyper;
    stream[random() % stream.size()] ^= static_cast<std::byte>(1 + random() % 255);
    container.hyper = hyper;
    container.bands[0] = band;
    const auto forged = bitstream::write(container);
    try {
      (void)codec_->decompress(forged);
      ADD_FAILURE() << "accepted";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kCorrupt) << error.what();
    }
  }
}

TEST_F(PhotoCodecTest, RefusesForgedSizesBeforeItAllocates) {
  const auto file = codec_->compress(made_image(8, 8, 1), {.quality = 50});
  auto container = bitstream::parse(file);
  const std::vector<std::byte> hyper(container.hyper.begin(), container.hyper.end());
  container.hyper = hyper;
  container.header.width = 0x7FFFFFFF;
  const auto forged = bitstream::write(container);
  try {
    (void)codec_->decompress(forged);
    ADD_FAILURE() << "accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kLimit) << error.what();
  }
}

TEST_F(PhotoCodecTest, RefusesAFileOfAnotherModel) {
  const auto file = codec_->compress(made_image(8, 8, 1), {.quality = 50});
  auto container = bitstream::parse(file);
  container.header.model_id[0] ^= 1;
  try {
    (void)codec_->decompress(bitstream::write(container));
    ADD_FAILURE() << "accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kModel);
    EXPECT_NE(std::string(error.what()).find(to_hex(codec_->id())), std::string::npos);
  }
}

TEST_F(PhotoCodecTest, RefusesWhatItCannotCode) {
  EXPECT_THROW((void)codec_->compress(made_image(8, 8, 3), {.quality = 0}), Error);
  EXPECT_THROW((void)codec_->compress(made_image(8, 8, 3), {.quality = 101}), Error);
  CompressOptions options;
  options.limits.max_pixels = 63;
  EXPECT_THROW((void)codec_->compress(made_image(8, 8, 3), options), Error);
  EXPECT_THROW((void)codec_->compress(Image{8, 8, 3, {}}), Error);
}

}  // namespace
}  // namespace vaec::codec
