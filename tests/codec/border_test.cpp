// The borders of a picture with the shipped models, whatever its sides are modulo 64: nearly as good as what
// is inside.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <numbers>
#include <random>
#include <string>
#include <vector>

#include "bitstream/container.hpp"
#include "codec/photo_codec.hpp"
#include "model_files.hpp"

namespace vaec::codec {
namespace {

constexpr std::array<int, 3> kQualities = {20, 50, 80};

// With what is promised of it: errors where a picture ends over those where it begins, and those inside of textured
// pictures that the last filter leaves. Both are squared errors, which the one for the eye heeds less.
struct Shipped {
  std::unique_ptr<Codec> codec;
  double end_over_begin, filtered;
};
const std::vector<Shipped>& shipped() {
  static const auto models = [] {
    std::vector<Shipped> all;
    all.push_back({make_photo_codec(model::SafeTensors::open(kPsnrModel)), 1.1, 0.9});
    all.push_back({make_photo_codec(model::SafeTensors::open(kShippedModel)), 1.2, 0.95});
    return all;
  }();
  return models;
}

// Waves of all directions, so that a picture is alike everywhere.
struct Kind {
  int waves;
  double shortest, longest;  // pixels
  double amplitude;
  double noise;  // standard deviation; every camera adds some
};
constexpr Kind kSmooth = {5, 100, 500, 18, 2}, kTextured = {24, 4, 100, 10, 2},
               kNoiseless = {5, 100, 500, 18, 0};

Image drawn(const Kind& kind, std::uint32_t width, std::uint32_t height, std::uint32_t seed) {
  std::mt19937 random(seed);
  const auto uniform = [&](double low, double high) { return low + (high - low) * random() / 4294967296.0; };
  std::vector<double> samples(std::size_t{width} * height * 3, 128);
  for (int i = 0; i < kind.waves; ++i) {
    const double length = kind.shortest * std::pow(kind.longest / kind.shortest, uniform(0, 1)),
                 direction = uniform(0, 2 * std::numbers::pi), phase = uniform(0, 2 * std::numbers::pi),
                 along_x = 2 * std::numbers::pi / length * std::cos(direction),
                 along_y = 2 * std::numbers::pi / length * std::sin(direction);
    std::array<double, 3> amplitudes{};
    for (auto& a : amplitudes) a = kind.amplitude * uniform(0.6, 1.4);
    auto* sample = samples.data();
    for (std::uint32_t y = 0; y < height; ++y) {
      for (std::uint32_t x = 0; x < width; ++x) {
        const double wave = std::sin(along_x * x + along_y * y + phase);
        for (const auto a : amplitudes) *sample++ += a * wave;
      }
    }
  }
  Image image{width, height, 3};
  for (const double sample : samples) {
    // The sum of four uniform numbers of -1 to 1 has a standard deviation of 2 / sqrt(3).
    double noise = 0;
    for (int i = 0; i < 4; ++i) noise += uniform(-1, 1) * kind.noise * std::numbers::sqrt3 / 2;
    image.samples.push_back(static_cast<std::uint8_t>(std::lround(std::clamp(sample + noise, 0.0, 255.0))));
  }
  return image;
}

// Of each pixel of the picture that comes back: as g_s gives it, or as the last filter mends it, which the outermost two
// pixels never see.
std::vector<double> squared_errors(const Codec& codec, const Image& image, int quality,
                                   bool is_filtered = false) {
  const auto file = codec.compress(image, {.quality = quality});
  auto container = bitstream::parse(file);
  if (!is_filtered) container.filter = {};
  const auto back = codec.decompress(bitstream::write(container));
  std::vector<double> errors(image.samples.size() / 3);
  for (std::size_t i = 0; i < image.samples.size(); ++i) {
    const double d = static_cast<double>(image.samples[i]) - back.samples[i];
    errors[i / 3] += d * d / 3;
  }
  return errors;
}

// Mean squared errors along borders: of the four outermost lines, each for itself, and of the lines 8 to 23
// pixels inside of them.
struct Border {
  std::array<double, 4> outer{};
  double inside = 0;
  int lines = 0;

  // `line`(k) is the error of the k-th line from the edge.
  template <typename Line>
  void add(const Line& line) {
    for (std::uint32_t k = 0; k < outer.size(); ++k) outer[k] += line(k);
    for (std::uint32_t k = 8; k < 24; ++k) inside += line(k) / 16;
    ++lines;
  }
  // Times the error of the inside, which counts as one code value where it is less.
  [[nodiscard]] double outermost() const { return outer[0] / std::max<double>(lines, inside); }
  [[nodiscard]] double all_four() const {
    return (outer[0] + outer[1] + outer[2] + outer[3]) / 4 / std::max<double>(lines, inside);
  }
};

// By where they lie in the grid of latents, over many pictures.
struct Borders {
  Border begin;  // left and top
  Border end;    // right and bottom where sides are multiples of 16
  Border cut;    // right and bottom within a cell

  void add(const Codec& codec, const Image& image, int quality) {
    const auto errors = squared_errors(codec, image, quality);
    const std::uint32_t width = image.width, height = image.height;
    const auto column = [&](std::uint32_t x) {
      double sum = 0;
      for (std::uint32_t y = 0; y < height; ++y) sum += errors[std::size_t{y} * width + x];
      return sum / height;
    };
    const auto row = [&](std::uint32_t y) {
      double sum = 0;
      for (std::uint32_t x = 0; x < width; ++x) sum += errors[std::size_t{y} * width + x];
      return sum / width;
    };
    begin.add(column);
    begin.add(row);
    (width % 16 == 0 ? end : cut).add([&](std::uint32_t k) { return column(width - 1 - k); });
    (height % 16 == 0 ? end : cut).add([&](std::uint32_t k) { return row(height - 1 - k); });
  }
};

// Both sides of every second residue modulo 64 from `first` on (heights of those between), those of whole cells once
// more. By quality.
std::array<Borders, kQualities.size()> borders_of(const Codec& codec, const Kind& kind, std::uint32_t first) {
  std::array<Borders, kQualities.size()> borders;
  std::uint32_t seed = 0;
  const auto add = [&](std::uint32_t width, std::uint32_t height) {
    const auto image = drawn(kind, width, height, ++seed);
    for (std::size_t i = 0; i < kQualities.size(); ++i) borders[i].add(codec, image, kQualities[i]);
  };
  for (std::uint32_t i = first; i < 64; i += 2) add(96 + i, 96 + (i * 29 + 7) % 64);
  for (std::uint32_t i = 0; i < 16; ++i) add(96 + 16 * (i % 4), 96 + 16 * (i / 4));
  return borders;
}

// The four outermost lines have at most `four` times the error of the inside, the outermost alone at most
// `one` times; and where a picture ends they are as good as where it begins, which is what training sees. `first` as
// above: one kind of pictures has the widths that another has not.
void expect_good(const Kind& kind, std::uint32_t first, const std::array<double, kQualities.size()>& four,
                 double one) {
  for (const auto& model : shipped()) {
    const auto borders = borders_of(*model.codec, kind, first);
    for (std::size_t i = 0; i < kQualities.size(); ++i) {
      SCOPED_TRACE("model " + to_hex(model.codec->id()) + ", quality " + std::to_string(kQualities[i]));
      const auto& [begin, end, cut] = borders[i];
      for (const auto* border : {&begin, &end, &cut}) {
        EXPECT_LT(border->all_four(), four[i]);
        EXPECT_LT(border->outermost(), one);
      }
      EXPECT_LT(end.all_four(), model.end_over_begin * begin.all_four());
      EXPECT_LT(cut.all_four(), model.end_over_begin * begin.all_four());
    }
  }
}

TEST(Border, OfTexturedPictures) { expect_good(kTextured, 0, {1.5, 1.5, 1.5}, 1.8); }

// At low qualities nearly all latents are zero, and what is between them and the edge comes from one side
// only.
TEST(Border, OfSmoothPictures) { expect_good(kSmooth, 1, {1.7, 1.5, 1.5}, 2.1); }

// Where there is no noise the inside comes back so well that the same is more in proportion: an error of few
// code values.
TEST(Border, OfSmoothPicturesWithoutNoise) { expect_good(kNoiseless, 0, {2.6, 2.6, 1.3}, 3.9); }

// The last filter mends what is inside, and makes no border worse.
TEST(Border, IsNoWorseForTheLastFilter) {
  for (const auto& model : shipped()) {
    for (const auto& kind : {kSmooth, kTextured, kNoiseless}) {
      for (const int quality : kQualities) {
        SCOPED_TRACE("model " + to_hex(model.codec->id()) + ", quality " + std::to_string(quality));
        std::array<double, 2> outermost{}, inside{};
        for (std::uint32_t seed = 1; seed <= 6; ++seed) {
          const std::uint32_t width = 96 + 7 * seed, height = 112;
          const auto image = drawn(kind, width, height, seed);
          for (const bool is_filtered : {false, true}) {
            const auto errors = squared_errors(*model.codec, image, quality, is_filtered);
            for (std::uint32_t y = 0; y < height; ++y) {
              for (std::uint32_t x = 0; x < width; ++x) {
                const bool is_outermost = x == 0 || y == 0 || x + 1 == width || y + 1 == height;
                (is_outermost ? outermost : inside)[is_filtered ? 1 : 0] +=
                    errors[std::size_t{y} * width + x];
              }
            }
          }
        }
        EXPECT_LE(outermost[1], outermost[0]);
        EXPECT_LE(inside[1], (kind.waves == kTextured.waves ? model.filtered : 1) * inside[0]);
      }
    }
  }
}

// Pictures that are all border.
TEST(Border, OfSmallPictures) {
  for (const auto& model : shipped()) {
    for (const auto& kind : {kSmooth, kTextured}) {
      double small = 0, large = 0;
      constexpr std::uint32_t kSides = 47;
      for (std::uint32_t side = 1; side <= kSides; ++side) {
        const auto image = drawn(kind, side, 1 + side * 13 % kSides, side);
        const auto errors = squared_errors(*model.codec, image, 50);
        for (const double e : errors) small += e / static_cast<double>(errors.size());
      }
      constexpr std::uint32_t kLarge = 8;
      for (std::uint32_t seed = 1; seed <= kLarge; ++seed) {
        const auto errors = squared_errors(*model.codec, drawn(kind, 160, 160, seed), 50);
        for (const double e : errors) large += e / static_cast<double>(errors.size());
      }
      EXPECT_LT(small / kSides, 1.5 * large / kLarge);
    }
  }
}

}  // namespace
}  // namespace vaec::codec
