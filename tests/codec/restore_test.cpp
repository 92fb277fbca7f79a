#include "codec/torch/restore.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <limits>
#include <random>

#include "codec/torch/generator.hpp"
#include "codec/transparent.hpp"
#include "failure.hpp"
#include "image/read.hpp"
#include "model_files.hpp"
#include "temporary_folder.hpp"
#include "vaec/error.hpp"

namespace vaec::codec {
namespace {

constexpr const char* kDigitsModel = VAEC_SOURCE_DIR "/models/mnist-1.safetensors";

// What to hide of a picture.
enum class Hole { kRandom, kSquare };

std::vector<bool> hole(std::uint32_t width, std::uint32_t height, Hole kind) {
  std::mt19937 random(5);
  std::vector<bool> missing;
  for (std::uint32_t y = 0; y < height; ++y) {
    for (std::uint32_t x = 0; x < width; ++x) {
      const bool inside = x >= width / 3 && x < width * 2 / 3 && y >= height / 3 && y < height * 2 / 3;
      missing.push_back(kind == Hole::kRandom ? random() % 2 == 0 : inside);
    }
  }
  return missing;
}

// The picture with other samples where they are missing, which nobody should see.
Image holed(Image image, const std::vector<bool>& missing) {
  for (std::size_t i = 0; i < image.samples.size(); ++i) {
    if (missing[i / image.channels]) image.samples[i] = static_cast<std::uint8_t>(97 * i);
  }
  for (std::size_t i = 0; i < image.samples16.size(); ++i) {
    if (missing[i / image.channels]) image.samples16[i] = static_cast<std::uint16_t>(9973 * i);
  }
  return image;
}

Image with_noise(Image image, double deviation) {
  std::mt19937 random(6);
  std::normal_distribution<double> normal(0, deviation);
  for (auto& sample : image.samples)
    sample = static_cast<std::uint8_t>(std::clamp(std::round(sample + normal(random)), 0.0, 255.0));
  return image;
}

// Mean squared error over the missing pixels; over all, if none is.
double error_over(const std::vector<bool>& missing, const Image& a, const Image& b) {
  double sum = 0, count = 0;
  for (std::size_t i = 0; i < a.samples.size(); ++i) {
    if (!missing.empty() && !missing[i / a.channels]) continue;
    sum += std::pow(int{a.samples[i]} - int{b.samples[i]}, 2);
    ++count;
  }
  return sum / count;
}

Image slopes(std::uint32_t width, std::uint32_t height, std::uint32_t channels, std::uint32_t bit_depth) {
  Image image{width, height, channels, {}};
  image.bit_depth = bit_depth;
  for (std::uint32_t y = 0; y < height; ++y) {
    for (std::uint32_t x = 0; x < width; ++x) {
      for (std::uint32_t c = 0; c < channels; ++c) {
        const auto sample = 60 + 20 * c + 80 * x / width + 40 * y / height;
        if (bit_depth == 16) {
          image.samples16.push_back(static_cast<std::uint16_t>(257 * sample));
        } else {
          image.samples.push_back(static_cast<std::uint8_t>(sample));
        }
      }
    }
  }
  return image;
}

std::unique_ptr<Restorer> restorer_of(const char* model) {
  return make_restorer(model::SafeTensors::open(model));
}

// What the shipped model takes for digits.
std::vector<Image> drawn_digits(int count) {
  const auto generator = make_generator(model::SafeTensors::open(kDigitsModel));
  std::mt19937 random(8);
  std::normal_distribution<float> normal;
  std::vector<float> z(static_cast<std::size_t>(count * generator->latent()));
  std::generate(z.begin(), z.end(), [&] { return normal(random); });
  return generator->decode(z);
}

// A detailed part of data/sample.png.
Image photograph() {
  constexpr std::uint32_t kSide = 128;
  const std::string text = contents(VAEC_SOURCE_DIR "/data/sample.png");
  const auto whole = image::read_rgb(std::as_bytes(std::span(text)), "sample.png");
  Image part{kSide, kSide, 3, {}};
  const auto left = (whole.width - kSide) / 2, top = (whole.height - kSide) / 2;
  for (std::uint32_t y = 0; y < kSide; ++y) {
    const auto row = whole.samples.begin() + (std::ptrdiff_t{top + y} * whole.width + left) * 3;
    part.samples.insert(part.samples.end(), row, row + std::ptrdiff_t{kSide} * 3);
  }
  return part;
}

Image smooth_continuation(const Image& image, const std::vector<bool>& missing) {
  Image cut = image;
  for (const bool is_missing : missing) cut.alpha.push_back(is_missing ? 0 : 255);
  return with_smooth_hidden(cut);
}

TEST(RestorePhoto, KeepsKnownPixels) {
  const auto restorer = restorer_of(kTinyModel);
  for (const auto& [channels, depth] : {std::pair(3U, 8U), {1U, 8U}, {3U, 16U}, {1U, 16U}}) {
    for (const auto& size : {Size{70, 65}, Size{16, 3}}) {
      const auto picture = slopes(size.width, size.height, channels, depth);
      const auto missing = hole(size.width, size.height, Hole::kRandom);
      const auto before = holed(picture, missing);
      const auto after = restorer->restore(before, {missing});
      ASSERT_EQ(after.samples.size(), before.samples.size());
      ASSERT_EQ(after.samples16.size(), before.samples16.size());
      for (std::size_t i = 0; i < missing.size() * channels; ++i) {
        if (missing[i / channels]) continue;
        if (depth == 8) {
          ASSERT_EQ(after.samples[i], before.samples[i]);
        }
        if (depth == 16) {
          ASSERT_EQ(after.samples16[i], before.samples16[i]);
        }
      }
    }
  }
}

// What stands where pixels are missing must not count, and all windows of a large picture are filled.
TEST(RestorePhoto, FillsEveryWindow) {
  const auto picture = slopes(16, 900, 3, 8);
  const auto missing = hole(16, 900, Hole::kRandom);
  const auto restorer = restorer_of(kTinyModel);
  const auto filled = restorer->restore(holed(picture, missing), {missing});
  EXPECT_LT(error_over(missing, filled, picture), 200);  // what a window left out would miss is thousands
  EXPECT_EQ(restorer->restore(picture, {missing}).samples, filled.samples);
}

TEST(RestorePhoto, FillsBetterThanSmoothly) {
  const auto restorer = restorer_of(kPsnrModel);
  const auto picture = photograph();
  const auto missing = hole(picture.width, picture.height, Hole::kRandom);
  const auto before = holed(picture, missing);
  std::vector<int> steps;
  const auto filled = restorer->restore(before, {missing}, 1, [&](int done, int of) {
    EXPECT_LE(done, of);
    steps.push_back(done);
  });
  EXPECT_LT(error_over(missing, filled, picture),
            0.9 * error_over(missing, smooth_continuation(before, missing), picture));
  EXPECT_GT(steps.size(), 1U);
  EXPECT_TRUE(std::is_sorted(steps.begin(), steps.end()));
}

TEST(RestorePhoto, TakesNoiseOff) {
  const auto restorer = restorer_of(kPsnrModel);
  const auto picture = photograph();
  const auto noisy = with_noise(picture, 25);
  EXPECT_LT(error_over({}, restorer->restore(noisy, {{}, 25}), picture),
            0.35 * error_over({}, noisy, picture));
  // Both at the same time: missing pixels may not bring their own noise back.
  const auto missing = hole(picture.width, picture.height, Hole::kSquare);
  const auto both = restorer->restore(holed(noisy, missing), {missing, 25});
  std::vector<bool> known = missing;
  known.flip();
  EXPECT_LT(error_over(known, both, picture), 0.35 * error_over(known, noisy, picture));
  EXPECT_LT(error_over(missing, both, picture),
            error_over(missing, smooth_continuation(noisy, missing), picture));
}

TEST(RestoreMnist, FillsBetterThanWithTheMean) {
  const auto restorer = restorer_of(kDigitsModel);
  for (const auto kind : {Hole::kRandom, Hole::kSquare}) {
    double restored = 0, mean = 0;
    for (const auto& digit : drawn_digits(2)) {
      const auto missing = hole(digit.width, digit.height, kind);
      const auto before = holed(digit, missing);
      const auto after = restorer->restore(before, {missing});
      restored += error_over(missing, after, digit);
      Image flat = digit;
      double sum = 0, count = 0;
      for (std::size_t i = 0; i < missing.size(); ++i) {
        if (missing[i]) continue;
        EXPECT_EQ(after.samples[i], digit.samples[i]);
        sum += digit.samples[i];
        ++count;
      }
      std::fill(flat.samples.begin(), flat.samples.end(), static_cast<std::uint8_t>(sum / count));
      mean += error_over(missing, flat, digit);
    }
    EXPECT_LT(restored, 0.3 * mean) << static_cast<int>(kind);
  }
}

TEST(RestoreMnist, TakesNoiseOff) {
  const auto restorer = restorer_of(kDigitsModel);
  for (const double noise : {25.0, 80.0}) {
    double restored = 0, noisy = 0;
    for (const auto& digit : drawn_digits(2)) {
      const auto before = with_noise(digit, noise);
      noisy += error_over({}, before, digit);
      const auto after = restorer->restore(before, {{}, noise});
      restored += error_over({}, after, digit);
    }
    EXPECT_LT(restored, 0.5 * noisy) << noise;
  }
}

TEST(Restore, RefusesWhatIsNoDamage) {
  constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
  for (const char* model : {kTinyModel, kDigitsModel}) {
    const auto restorer = restorer_of(model);
    const auto picture = slopes(28, 28, 1, 8);
    const auto refuses = [&](ErrorCode code, const Damage& damage) {
      failure(code, [&] { (void)restorer->restore(picture, damage); });
    };
    const std::vector<bool> none(28 * 28), all(28 * 28, true), other(28 * 27, true);
    refuses(ErrorCode::kUsage, {});
    refuses(ErrorCode::kUsage, {none});
    refuses(ErrorCode::kUsage, {other});
    refuses(ErrorCode::kUsage, {{}, -1});
    refuses(ErrorCode::kUsage, {{}, kNan});
    refuses(ErrorCode::kUnreadable, {all});
  }
  const auto digits = restorer_of(kDigitsModel);
  failure(ErrorCode::kUnreadable, [&] { (void)digits->restore(slopes(30, 28, 1, 8), {{}, 20}); });
}

TEST(Restore, RefusesAnUnknownArchitecture) {
  const std::string header = R"({"__metadata__":{"format":"vaec","vaec.architecture":"poem"}})";
  const TemporaryFolder folder;
  const auto file = folder / "poem.safetensors";
  std::ofstream(file, std::ios::binary) << static_cast<char>(header.size()) << std::string(7, '\0') << header;
  const auto said = failure(ErrorCode::kModel, [&] { (void)make_restorer(model::SafeTensors::open(file)); });
  EXPECT_NE(said.find("'poem' cannot restore"), std::string::npos) << said;
}

}  // namespace
}  // namespace vaec::codec
