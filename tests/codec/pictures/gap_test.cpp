// What the shipped model promises in training, and what its files keep of it: the rate that the loss
// estimates against real bytes, and what padding costs. On data/sample.png, and on the pictures of the folder
// $VAEC_TEST_PICTURES if it is set.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>

#include "bitstream/container.hpp"
#include "codec/photo_codec.hpp"
#include "codec/torch/pixel_tensor.hpp"
#include "image/read.hpp"
#include "infer/number.hpp"
#include "model_files.hpp"
#include "nn/photo_file.hpp"
#include "temporary_folder.hpp"
#include "vaec/codec.hpp"

namespace vaec::codec {
namespace {

namespace fs = std::filesystem;

Image picture(const fs::path& file) {
  const std::string text = contents(file);
  return image::read_rgb(std::as_bytes(std::span(text)), file.string());
}

std::vector<fs::path> more_pictures() {
  std::vector<fs::path> files;
  if (const char* folder = std::getenv("VAEC_TEST_PICTURES")) {
    for (const auto& entry : fs::directory_iterator(folder)) {
      if (entry.path().extension() == ".png") files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
  }
  return files;
}

Image cropped(const Image& from, std::uint32_t width, std::uint32_t height) {
  Image to{width, height, from.channels, {}};
  for (std::uint32_t y = 0; y < height; ++y) {
    const auto row = from.samples.begin() + std::ptrdiff_t{y} * from.width * from.channels;
    to.samples.insert(to.samples.end(), row, row + std::ptrdiff_t{width} * from.channels);
  }
  return to;
}

double mean_squared_error(const Image& a, const Image& b, std::uint32_t width, std::uint32_t height) {
  double sum = 0;
  for (std::uint32_t y = 0; y < height; ++y) {
    for (std::uint32_t i = 0; i < width * 3; ++i) {
      const int d = a.samples[std::size_t{y} * a.width * 3 + i] - b.samples[std::size_t{y} * b.width * 3 + i];
      sum += d * d;
    }
  }
  return sum / (3.0 * width * height);
}

// What a file's streams take. What is left (header, lengths, checksums) is some 40 bytes whatever the picture, which
// the loss knows nothing of.
double stream_bits(std::span<const std::byte> file) {
  const auto container = bitstream::parse(file);
  std::size_t bytes = container.lf.size() + container.hyper.size();
  for (const auto& band : container.bands) bytes += band.size();
  return 8.0 * static_cast<double>(bytes);
}

// Bits of the streams and of the loss's estimate for one picture, whose sides are multiples of 16. The tables and
// contexts, which are fitted to the trained networks' symbols, know more than the densities of the loss: fewer bits are
// expected, never more. Of a model for the eye fewer still, by as many as its busy places are spared (codec/masking.hpp).
void compare_rates(const Codec& codec, nn::TwoLevelVae& vae, const Image& image, double& real,
                   double& estimate) {
  const torch::NoGradGuard no_grad;
  const auto x = pixels(image, 0, 0, (image.height + 15) / 16 * 16, (image.width + 15) / 16 * 16);
  const auto pixel_count = static_cast<double>(image.width) * static_cast<double>(image.height);
  for (const int quality : {10, 30, 60, 90}) {
    const auto out = vae->forward(x, torch::full({1}, static_cast<float>(quality)), std::nullopt);
    const double expected = (out.y_bits + out.z_bits).item<double>();
    const double bits = stream_bits(codec.compress(image, {.quality = quality}));
    if (bits / pixel_count > 0.1) {
      EXPECT_LT(bits, 1.01 * expected) << "quality " << quality;
      const double least = vae->config().distortion.is_mse() ? 0.9 : 0.8;
      EXPECT_GT(bits, least * expected) << "quality " << quality;
    }
    real += bits;
    estimate += expected;
  }
}

TEST(Gap, RealBytesAreWhatTheLossEstimates) {
  for (const char* name : {kPsnrModel, kShippedModel}) {
    SCOPED_TRACE(name);
    const auto codec = Codec::load(name);
    auto vae = nn::trainable(model::SafeTensors::open(name));
    double real = 0, estimate = 0;
    const auto sample = picture(VAEC_SOURCE_DIR "/data/sample.png");
    compare_rates(*codec, vae, sample, real, estimate);
    // Latents that end within a hyper-latent: 19 rows, 21 columns.
    compare_rates(*codec, vae, cropped(sample, 336, 304), real, estimate);
    for (const auto& more : more_pictures()) {
      SCOPED_TRACE(more.string());
      compare_rates(*codec, vae, picture(more), real, estimate);
    }
    EXPECT_LT(real, 0.99 * estimate);
    testing::Test::RecordProperty("bits_over_estimate", std::to_string(real / estimate));
  }
}

// On AVX-512 without bfloat16 it is imitated, slowly.
TEST(Gap, BFloat16CostsNothing) {
  if (!infer::can_bf16()) GTEST_SKIP() << "this processor has no AVX-512";
  const auto file = model::SafeTensors::open(kShippedModel);
  const auto fp32 = make_photo_codec(file, infer::Number::kF32),
             bf16 = make_photo_codec(file, infer::Number::kBF16);
  const auto image = picture(VAEC_SOURCE_DIR "/data/sample.png");
  for (const int quality : {50, 100}) {
    const auto exact = fp32->compress(image, {.quality = quality}),
               fast = bf16->compress(image, {.quality = quality});
    EXPECT_LT(static_cast<double>(fast.size()), 1.01 * static_cast<double>(exact.size()));
    EXPECT_EQ(fp32->decode_latent(fast), bf16->decode_latent(fast));
    const auto a = fp32->decompress(exact), b = bf16->decompress(fast);
    EXPECT_EQ(bf16->decompress(exact).samples, a.samples);
    EXPECT_LT(mean_squared_error(b, image, image.width, image.height),
              1.01 * mean_squared_error(a, image, image.width, image.height));
  }
}

// One pixel more than a multiple of 64 on each side: the widest padding, and cells of the hyper-latent that
// are hardly used. It costs fewer bits than pixels would that are really there, and no quality: of the same
// pixels, where the picture goes on, no more is kept.
TEST(Gap, PaddingCostsLittle) {
  const auto codec = Codec::load(kShippedModel);
  auto files = more_pictures();
  files.insert(files.begin(), VAEC_SOURCE_DIR "/data/sample.png");
  double added_bytes = 0, whole_bytes = 0, log_ratios = 0, count = 0;
  for (const auto& file : files) {
    SCOPED_TRACE(file.string());
    const auto whole = picture(file);
    const auto width = (whole.width - 1) / 64 * 64 - 63, height = (whole.height - 1) / 64 * 64 - 63;
    const auto odd = cropped(whole, width, height);
    const auto even = cropped(whole, width + 63, height + 63), inner = cropped(whole, width - 1, height - 1);
    for (const int quality : {20, 60}) {
      const auto of_odd = codec->compress(odd, {.quality = quality}),
                 of_even = codec->compress(even, {.quality = quality}),
                 of_inner = codec->compress(inner, {.quality = quality});
      EXPECT_LT(of_odd.size(), of_even.size()) << "quality " << quality;
      added_bytes += static_cast<double>(of_odd.size()) - static_cast<double>(of_inner.size());
      whole_bytes += static_cast<double>(of_inner.size());
      const auto out = codec->decompress(of_odd), reference = codec->decompress(of_even);
      const double ratio =
          mean_squared_error(out, odd, width, height) / mean_squared_error(reference, odd, width, height);
      EXPECT_LT(ratio, 1.05) << "quality " << quality;
      log_ratios += std::log(ratio);
      ++count;
    }
  }
  testing::Test::RecordProperty("mse_ratio", std::to_string(std::exp(log_ratios / count)));
  testing::Test::RecordProperty("bytes_added_share", std::to_string(added_bytes / whole_bytes));
}

}  // namespace
}  // namespace vaec::codec
