#include "codec/torch/mnist_codec.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <functional>
#include <thread>

#include "base/crc32c.hpp"
#include "bitstream/container.hpp"
#include "codec/torch/generator.hpp"
#include "failure.hpp"
#include "nn/gaussian_vae_file.hpp"
#include "nn/torch.hpp"
#include "temporary_folder.hpp"
#include "vaec/error.hpp"

namespace vaec::codec {
namespace {

namespace fs = std::filesystem;

// A random model, its posterior doubled so that the symbols are not all zero.
class MnistCodecTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    write(file(), 1);
    codec_ = make_mnist_codec(model::SafeTensors::open(file())).release();
  }
  static void TearDownTestSuite() {
    delete codec_;
    codec_ = nullptr;
  }

  static fs::path file() {
    static const TemporaryFolder folder;
    return folder / "mnist.safetensors";
  }

  static void write(const fs::path& path, std::uint64_t seed) {
    torch::manual_seed(seed);
    nn::GaussianVaeConfig config;
    config.latent = 16, config.channels = 4;
    nn::GaussianVae vae(config);
    const torch::NoGradGuard no_grad;
    for (auto& parameter : vae->named_parameters()) {
      if (parameter.key().starts_with("posterior.")) parameter.value().mul_(2);
    }
    nn::save_gaussian_vae(path, vae, nn::LatentGrid::make(), "{}");
  }

  static Image picture(std::uint32_t seed) {
    Image image{28, 28, 1, std::vector<std::uint8_t>(28 * 28)};
    for (std::size_t i = 0; i < image.samples.size(); ++i) {
      const auto x = i % 28, y = i / 28;
      image.samples[i] = (x * (seed + 1) + y * 3) % 28 < 6 ? 255 : static_cast<std::uint8_t>(x * seed);
    }
    return image;
  }

  static const LatentCodec* codec_;
};
const LatentCodec* MnistCodecTest::codec_ = nullptr;

TEST_F(MnistCodecTest, RoundTrip) {
  EXPECT_EQ(codec_->architecture(), "mnist");
  for (const int quality : {1, 50, 100}) {
    for (std::uint32_t seed = 0; seed < 5; ++seed) {
      const auto file = codec_->compress(picture(seed), {.quality = quality});
      EXPECT_EQ(codec_->decode_latent(file).size(), 16U);
      const auto decoded = codec_->decompress(file);
      EXPECT_EQ(decoded.width, 28U);
      EXPECT_EQ(decoded.height, 28U);
      EXPECT_EQ(decoded.channels, 1U);
      EXPECT_EQ(decoded.samples.size(), 28U * 28U);
      EXPECT_EQ(codec_->compress(picture(seed), {.quality = quality}), file);
      if (quality == 50) {
        EXPECT_LT(file.size(), 40U);
      }
    }
  }
}

TEST_F(MnistCodecTest, HigherQualityIsAFinerGrid) {
  const auto coarse = codec_->decode_latent(codec_->compress(picture(2), {.quality = 30}));
  const auto fine = codec_->decode_latent(codec_->compress(picture(2), {.quality = 90}));
  const auto grid = nn::LatentGrid::make();
  bool any = false;
  for (std::size_t i = 0; i < fine.size(); ++i) {
    any = any || fine[i] != 0;
    EXPECT_NEAR(static_cast<float>(coarse[i]) * grid.step(30), static_cast<float>(fine[i]) * grid.step(90),
                (grid.step(30) + grid.step(90)) / 2 + 1e-5);
  }
  EXPECT_TRUE(any);
}

TEST_F(MnistCodecTest, RefusesWhatItCannotCode) {
  auto wide = picture(0);
  wide.width = 32, wide.samples.resize(32 * 28);
  EXPECT_EQ(
      failure(ErrorCode::kUnreadable, [&] { static_cast<void>(codec_->compress(wide, {.quality = 50})); }),
      "image is 32x28 grey, this mnist model codes 28x28 grey images only");
  auto rgb = picture(0);
  rgb.channels = 3, rgb.samples.resize(28 * 28 * 3);
  EXPECT_NE(
      failure(ErrorCode::kUnreadable, [&] { static_cast<void>(codec_->compress(rgb, {.quality = 50})); })
          .find("28x28 RGB"),
      std::string::npos);
  failure(ErrorCode::kUsage, [&] { static_cast<void>(codec_->compress(picture(0), {.quality = 0})); });
  failure(ErrorCode::kUsage, [&] { static_cast<void>(codec_->compress(picture(0), {.quality = 101})); });
  failure(ErrorCode::kLimit, [&] {
    static_cast<void>(codec_->compress(picture(0), {.limits = {20, 1000}}));
  });
  const auto file = codec_->compress(picture(0), {.quality = 50});
  failure(ErrorCode::kLimit, [&] { static_cast<void>(codec_->decompress(file, {.limits = {100, 100}})); });
}

TEST_F(MnistCodecTest, RefusesDamagedFiles) {
  const auto file = codec_->compress(picture(1), {.quality = 50});
  for (std::size_t size = 0; size < file.size(); ++size) {
    failure(ErrorCode::kCorrupt, [&] { static_cast<void>(codec_->decompress(std::span(file).first(size))); });
  }
  for (std::size_t i = 0; i < file.size(); ++i) {
    auto damaged = file;
    damaged[i] ^= std::byte{0x10};
    EXPECT_THROW(static_cast<void>(codec_->decompress(damaged)), Error) << i;
  }
}

// A file may have a checksum of its latent, though this encoder writes none.
TEST_F(MnistCodecTest, RefusesAWrongLatentChecksum) {
  const auto file = codec_->compress(picture(1));
  auto container = bitstream::parse(file);
  EXPECT_FALSE(container.latent_crc);
  const auto symbols = codec_->decode_latent(file);
  container.latent_crc = base::crc32c_extend(0, std::span<const std::int32_t>(symbols));
  EXPECT_EQ(codec_->decompress(bitstream::write(container)), codec_->decompress(file));
  *container.latent_crc ^= 1;
  const auto wrong = bitstream::write(container);
  const std::function<void()> readers[] = {[&] { static_cast<void>(codec_->decompress(wrong)); },
                                           [&] { static_cast<void>(codec_->decode_latent(wrong)); },
                                           [&] { codec_->check(wrong); }};
  for (const auto& read : readers) {
    EXPECT_NE(failure(ErrorCode::kCorrupt, read).find("checksum"), std::string::npos);
  }
}

TEST_F(MnistCodecTest, RefusesFilesOfAnotherModel) {
  const TemporaryFolder folder;
  write(folder / "other.safetensors", 2);
  const auto other = make_mnist_codec(model::SafeTensors::open(folder / "other.safetensors"));
  const auto file = codec_->compress(picture(1), {.quality = 50});
  EXPECT_NE(failure(ErrorCode::kModel, [&] { static_cast<void>(other->decompress(file)); })
                .find(to_hex(codec_->id()).substr(0, 8)),
            std::string::npos);
}

TEST_F(MnistCodecTest, LatentIsTheSameFromSeveralThreads) {
  const auto file = codec_->compress(picture(3), {.quality = 50});
  const auto latent = codec_->decode_latent(file);
  std::vector<std::vector<std::int32_t>> results(3);
  std::vector<std::thread> threads;
  for (auto& result : results) threads.emplace_back([&] { result = codec_->decode_latent(file); });
  for (auto& thread : threads) thread.join();
  for (const auto& result : results) EXPECT_EQ(result, latent);
}

// A model of colours codes grey pictures, too, and they come back grey; its sides need not be multiples of 4.
TEST_F(MnistCodecTest, CodesColours) {
  const TemporaryFolder folder;
  torch::manual_seed(1);
  nn::GaussianVaeConfig config;
  config.rows = 9, config.columns = 6, config.colours = 3, config.latent = 8, config.channels = 4;
  nn::save_gaussian_vae(folder / "rgb.safetensors", nn::GaussianVae(config), nn::LatentGrid::make(), "{}");
  const auto file = model::SafeTensors::open(folder / "rgb.safetensors");
  const auto codec = make_mnist_codec(file);
  Image rgb{6, 9, 3, {}}, grey{6, 9, 1, {}};
  for (int i = 0; i < 6 * 9; ++i) {
    for (int c = 0; c < 3; ++c) rgb.samples.push_back(static_cast<std::uint8_t>(i * (c + 1)));
    grey.samples.push_back(static_cast<std::uint8_t>(4 * i));
  }
  const auto decoded = codec->decompress(codec->compress(rgb));
  EXPECT_EQ(decoded.channels, 3);
  EXPECT_EQ(decoded.samples.size(), 6U * 9U * 3U);
  // The samples stand together pixel by pixel, as the network gives them channel by channel.
  const auto generator = make_generator(file);
  const auto z = generator->encode(rgb).mean;
  EXPECT_EQ(generator->channels(), 3);
  const auto drawn = generator->decode(z).front();
  auto vae = nn::load_gaussian_vae(file).vae;
  const auto planes = nn::to_bytes(vae->decode(torch::tensor(z).unsqueeze(0)));
  for (int i = 0; i < 6 * 9; ++i) {
    for (int c = 0; c < 3; ++c)
      EXPECT_EQ(drawn.samples[static_cast<std::size_t>(3 * i + c)], planes[0][c][i / 6][i % 6].item<int>());
  }
  const auto of_grey = codec->compress(grey);
  const auto decoded_grey = codec->decompress(of_grey);
  EXPECT_EQ(decoded_grey.channels, 1);
  Image three{6, 9, 3, {}};
  for (const auto sample : grey.samples) three.samples.insert(three.samples.end(), 3, sample);
  const auto as_rgb = codec->decompress(codec->compress(three));
  for (std::size_t i = 0; i < grey.samples.size(); ++i) {
    const int sum = as_rgb.samples[3 * i] + as_rgb.samples[3 * i + 1] + as_rgb.samples[3 * i + 2];
    EXPECT_NEAR(decoded_grey.samples[i], sum / 3.0, 0.51) << i;
  }
  // A grey model's file does not say that it has colours.
  auto container = bitstream::parse(codec_->compress(picture(1)));
  container.header.channels = 3;
  EXPECT_NE(failure(ErrorCode::kCorrupt,
                    [&] { static_cast<void>(codec_->decompress(bitstream::write(container))); })
                .find("28x28 RGB"),
            std::string::npos);
}

TEST_F(MnistCodecTest, GeneratesFromTheLatent) {
  const auto generator = make_generator(model::SafeTensors::open(file()));
  EXPECT_EQ(generator->size(), (Size{28, 28}));
  const auto posterior = generator->encode(picture(1));
  ASSERT_EQ(posterior.mean.size(), static_cast<std::size_t>(generator->latent()));
  ASSERT_EQ(posterior.deviation.size(), posterior.mean.size());
  for (const float deviation : posterior.deviation) EXPECT_GT(deviation, 0);
  std::vector<float> z = posterior.mean;
  z.insert(z.end(), posterior.mean.size(), 0);
  const auto pictures = generator->decode(z);
  ASSERT_EQ(pictures.size(), 2U);
  EXPECT_EQ(generator->decode(posterior.mean).front(), pictures[0]);
  EXPECT_NE(pictures[0], pictures[1]);
  // As many as are decoded in several batches.
  z.assign(300 * posterior.mean.size(), 0);
  const auto many = generator->decode(z);
  ASSERT_EQ(many.size(), 300U);
  EXPECT_EQ(many.back().samples.size(), 28U * 28U);
  Image wrong = picture(1);
  wrong.width = 14, wrong.height = 56;
  failure(ErrorCode::kUnreadable, [&] { static_cast<void>(generator->encode(wrong)); });
}

}  // namespace
}  // namespace vaec::codec
