#include "eval/ms_ssim.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <random>
#include <vector>

#include "vaec/error.hpp"

namespace vaec::eval {
namespace {

Image textured(std::uint32_t width, std::uint32_t height, std::uint32_t channels) {
  Image image{width, height, channels, {}};
  for (std::uint32_t y = 0; y < height; ++y) {
    for (std::uint32_t x = 0; x < width; ++x) {
      for (std::uint32_t c = 0; c < channels; ++c) {
        const double wave =
            std::sin(0.11 * x + 0.3 * c) + std::cos(0.07 * y * (1 + c)) + std::sin(0.9 * (x + y));
        image.samples.push_back(static_cast<std::uint8_t>(std::lround(128 + 40 * wave)));
      }
    }
  }
  return image;
}

Image noisy(Image image, int amplitude) {
  std::mt19937 random(7);
  for (auto& sample : image.samples) {
    const int noise = static_cast<int>(random() % (2U * static_cast<unsigned>(amplitude) + 1U)) - amplitude;
    sample = static_cast<std::uint8_t>(std::clamp(sample + noise, 0, 255));
  }
  return image;
}

// The definition, slowly: a two-dimensional window, everything in double, one function for all of it.
double reference_channel(const Image& first, const Image& second, std::size_t channel) {
  using Grid = std::vector<std::vector<double>>;
  const auto grid_of = [&](const Image& image) {
    Grid grid(image.height, std::vector<double>(image.width));
    for (std::size_t y = 0; y < image.height; ++y) {
      for (std::size_t x = 0; x < image.width; ++x) {
        grid[y][x] = image.samples[(y * image.width + x) * image.channels + channel];
      }
    }
    return grid;
  };
  // torch's avg_pool2d(kernel 2, stride 2, padding side % 2, zeros counted).
  const auto pooled = [](const Grid& grid) {
    const int height = static_cast<int>(grid.size()), width = static_cast<int>(grid[0].size());
    const int pad_y = height % 2, pad_x = width % 2;
    const int out_height = (height + 2 * pad_y - 2) / 2 + 1, out_width = (width + 2 * pad_x - 2) / 2 + 1;
    Grid result(static_cast<std::size_t>(out_height),
                std::vector<double>(static_cast<std::size_t>(out_width)));
    for (int y = 0; y < out_height; ++y) {
      for (int x = 0; x < out_width; ++x) {
        for (int i = 0; i < 4; ++i) {
          const int v = 2 * y - pad_y + i / 2, u = 2 * x - pad_x + i % 2;
          if (v < 0 || u < 0 || v >= height || u >= width) continue;
          result[static_cast<std::size_t>(y)][static_cast<std::size_t>(x)] +=
              grid[static_cast<std::size_t>(v)][static_cast<std::size_t>(u)] / 4;
        }
      }
    }
    return result;
  };
  double weight_sum = 0, window[11][11];
  for (int i = 0; i < 121; ++i) {
    const int v = i / 11 - 5, u = i % 11 - 5;
    weight_sum += window[i / 11][i % 11] = std::exp(-(u * u + v * v) / 4.5);
  }
  Grid a = grid_of(first), b = grid_of(second);
  const double c1 = 2.55 * 2.55, c2 = 7.65 * 7.65;
  const double exponents[] = {0.0448, 0.2856, 0.3001, 0.2363, 0.1333};
  double product = 1;
  for (int scale = 0; scale < 5; ++scale) {
    double ssim = 0, contrast_structure = 0, count = 0;
    for (std::size_t y = 0; y + 11 <= a.size(); ++y) {
      for (std::size_t x = 0; x + 11 <= a[0].size(); ++x, ++count) {
        double ma = 0, mb = 0, aa = 0, bb = 0, ab = 0;
        for (std::size_t v = 0; v < 11; ++v) {
          for (std::size_t u = 0; u < 11; ++u) {
            const double w = window[v][u] / weight_sum, p = a[y + v][x + u], q = b[y + v][x + u];
            ma += w * p, mb += w * q, aa += w * p * p, bb += w * q * q, ab += w * p * q;
          }
        }
        const double cs = (2 * (ab - ma * mb) + c2) / (aa - ma * ma + bb - mb * mb + c2);
        contrast_structure += cs;
        ssim += cs * (2 * ma * mb + c1) / (ma * ma + mb * mb + c1);
      }
    }
    product *= std::pow(std::max(0.0, (scale == 4 ? ssim : contrast_structure) / count), exponents[scale]);
    a = pooled(a);
    b = pooled(b);
  }
  return product;
}

TEST(MsSsim, EqualPicturesAreOne) {
  const Image image = textured(161, 170, 3);
  EXPECT_EQ(ms_ssim(image, image), 1.0);
  EXPECT_TRUE(std::isinf(ms_ssim_decibels(1)));
}

TEST(MsSsim, AgreesWithTheDefinition) {
  // Sides that stay even, that are odd at once, and that become odd at a later scale.
  for (const auto& [width, height] : {std::pair{176U, 192U}, {161U, 163U}, {170U, 180U}}) {
    const Image a = textured(width, height, 1);
    for (const int amplitude : {2, 20, 90}) {
      const Image b = noisy(a, amplitude);
      EXPECT_NEAR(ms_ssim(a, b).value(), reference_channel(a, b, 0), 2e-6) << width << " " << amplitude;
    }
  }
}

TEST(MsSsim, IsTheMeanOfTheChannels) {
  const Image a = textured(161, 161, 3), b = noisy(a, 30);
  double mean = 0;
  for (std::size_t c = 0; c < 3; ++c) mean += reference_channel(a, b, c) / 3;
  EXPECT_NEAR(ms_ssim(a, b).value(), mean, 2e-6);
}

TEST(MsSsim, FlatPicturesDifferInLuminanceAlone) {
  // Only the last scale has a luminance term: ((2 * 100 * 150 + C1) / (100^2 + 150^2 + C1)) ^ 0.1333. The
  // sides stay even down to it, so that no zeros come in.
  const Image a{192, 176, 1, std::vector<std::uint8_t>(192 * 176, 100)};
  const Image b{192, 176, 1, std::vector<std::uint8_t>(192 * 176, 150)};
  EXPECT_NEAR(ms_ssim(a, b).value(), 0.989389, 2e-5);
}

TEST(MsSsim, TheOppositeIsZero) {
  const Image a = textured(176, 176, 1);
  Image b = a;
  for (auto& sample : b.samples) sample = static_cast<std::uint8_t>(255 - sample);
  EXPECT_EQ(ms_ssim(a, b), 0.0);
}

TEST(MsSsim, SmallPicturesHaveNone) {
  EXPECT_FALSE(ms_ssim(textured(160, 300, 3), textured(160, 300, 3)).has_value());
  EXPECT_TRUE(ms_ssim(textured(161, 161, 1), textured(161, 161, 1)).has_value());
}

TEST(MsSsim, RefusesPicturesOfDifferentSizes) {
  EXPECT_THROW((void)ms_ssim(textured(170, 180, 1), textured(180, 170, 1)), Error);
}

TEST(MsSsim, Decibels) {
  EXPECT_DOUBLE_EQ(ms_ssim_decibels(0.9), 10);
  EXPECT_NEAR(ms_ssim_decibels(0.99), 20, 1e-12);
  EXPECT_TRUE(std::isnan(ms_ssim_decibels(std::numeric_limits<double>::quiet_NaN())));
}

}  // namespace
}  // namespace vaec::eval
