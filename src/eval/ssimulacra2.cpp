#include "eval/ssimulacra2.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <limits>
#include <utility>
#include <vector>

#include "base/clones.hpp"
#include "eval/recursive_gaussian.hpp"
#include "eval/ssimulacra2_weights.hpp"
#include "eval/xyb.hpp"
#include "vaec/error.hpp"

namespace vaec::eval {
namespace {

using namespace ssimulacra2_parts;
using OfChannels = std::array<Norms, kChannels>;

// Three channels of one size, a plane each.
struct Planes {
  std::size_t width = 0, height = 0;
  std::array<std::vector<float>, kChannels> samples;

  Planes(std::size_t w, std::size_t h) : width(w), height(h) {
    for (auto& plane : samples) plane.resize(w * h);
  }
  [[nodiscard]] const float* row(std::size_t channel, std::size_t y) const {
    return samples[channel].data() + y * width;
  }
};

// IEC 61966-2-1, as libjxl approximates it: within 5e-7.
float linear(float encoded) {
  if (encoded <= 0.04045F) return encoded * (1.0F / 12.92F);
  constexpr std::array<float, 5> above = {8.210152774e-01F, 7.961564959e-01F, 1.624820318e-01F,
                                          1.043637593e-02F, 2.200248328e-04F},
                                 below = {6.521209011e-03F, -5.512498495e-02F, 4.987528350e-01F,
                                          1.076976492e+00F, 2.631846970e-01F};
  float numerator = above[0], denominator = below[0];
  for (std::size_t i = 1; i < above.size(); ++i) {
    numerator = std::fma(numerator, encoded, above[i]);
    denominator = std::fma(denominator, encoded, below[i]);
  }
  return numerator / denominator;
}

// Linear RGB; what is transparent is laid on `background` (0..1), as the values are encoded.
template <typename Sample>
Planes linear_planes(const Image& image, const std::vector<Sample>& samples, const std::vector<Sample>& alpha,
                     float background) {
  constexpr float kUnit = 1.0F / std::numeric_limits<Sample>::max();
  std::vector<float> table(std::size_t{std::numeric_limits<Sample>::max()} + 1);
  for (std::size_t i = 0; i < table.size(); ++i) table[i] = linear(static_cast<float>(i) * kUnit);
  Planes planes(image.width, image.height);
  for (std::size_t i = 0; i < planes.samples[0].size(); ++i) {
    for (std::size_t c = 0; c < kChannels; ++c) {
      const Sample sample = samples[i * image.channels + std::min<std::size_t>(c, image.channels - 1)];
      float& target = planes.samples[c][i];
      target = table[sample];
      if (alpha.empty()) continue;
      const float share = static_cast<float>(alpha[i]) * kUnit;
      target = linear(share * (static_cast<float>(sample) * kUnit) + (1 - share) * background);
    }
  }
  return planes;
}

Planes linear_planes(const Image& image, float background) {
  return image.bit_depth == 8 ? linear_planes(image, image.samples, image.alpha, background)
                              : linear_planes(image, image.samples16, image.alpha16, background);
}

// Means of 2x2; the last row and column of an odd side count twice.
Planes halved(const Planes& from) {
  Planes to((from.width + 1) / 2, (from.height + 1) / 2);
  for (std::size_t c = 0; c < kChannels; ++c) {
    float* target = to.samples[c].data();
    for (std::size_t y = 0; y < to.height; ++y) {
      const float *above = from.row(c, 2 * y), *below = from.row(c, std::min(2 * y + 1, from.height - 1));
      for (std::size_t x = 0; x < to.width; ++x) {
        const std::size_t left = 2 * x, right = std::min(left + 1, from.width - 1);
        *target++ = (above[left] + above[right] + below[left] + below[right]) / 4;
      }
    }
  }
  return to;
}

// Within 6 units in the last place, for positive numbers: Newton's steps towards x^(-1/3), which need no division, from
// a third of the exponent (Fog, "Optimizing software in C++"), and x times its square.
[[gnu::always_inline]] inline float cube_root_and(float x, float add) {
  constexpr std::uint32_t kOne = 0x54800000, kThird = 0x002AAAAA;
  float r = std::bit_cast<float>(kOne - (std::bit_cast<std::uint32_t>(x) >> 23) * kThird);
  const float third = x * (1.0F / 3);
  for (int i = 0; i < 3; ++i) {
    const float square = r * r;
    r = std::fma(-third, square * square, 4.0F / 3 * r);
  }
  const float square = r * r;
  r = std::fma(1.0F / 3, std::fma(-x, square * square, r), r);
  return std::fma(r * r, x, add);
}

[[gnu::always_inline]] inline float cone(const double (&weights)[3], float r, float g, float b) {
  const auto of = [&](std::size_t i) { return static_cast<float>(weights[i]); };
  const float sum =
      std::fma(of(0), r, std::fma(of(1), g, std::fma(of(2), b, static_cast<float>(xyb::kBias))));
  return cube_root_and(sum, -static_cast<float>(xyb::kRootOfBias));
}

// In place.
VAEC_CLONES void to_cones(float* red, float* green, float* blue, std::size_t n) {
#pragma GCC ivdep
  for (std::size_t i = 0; i < n; ++i) {
    const float l = cone(xyb::kCones[0], red[i], green[i], blue[i]),
                m = cone(xyb::kCones[1], red[i], green[i], blue[i]),
                s = cone(xyb::kCones[2], red[i], green[i], blue[i]);
    red[i] = (l - m) / 2;
    green[i] = (l + m) / 2;
    blue[i] = s;
  }
}

// Without VAEC_CLONES, here and where the maps are made: they would fuse what libjxl rounds.
void make_positive(float* x, float* y, float* b, std::size_t n) {
#pragma GCC ivdep
  for (std::size_t i = 0; i < n; ++i) {
    b[i] = b[i] - y[i] + static_cast<float>(xyb::kOffsetB);
    x[i] = x[i] * static_cast<float>(xyb::kScaleX) + static_cast<float>(xyb::kOffsetX);
    y[i] += static_cast<float>(xyb::kOffsetY);
  }
}

void to_xyb(Planes& planes) {
  const std::size_t n = planes.samples[0].size();
  to_cones(planes.samples[0].data(), planes.samples[1].data(), planes.samples[2].data(), n);
  make_positive(planes.samples[0].data(), planes.samples[1].data(), planes.samples[2].data(), n);
}

// What the maps are made of, each a row: a, b, a^2, b^2 and a * b.
constexpr std::size_t kMoments = 5;
using Rows = std::array<std::vector<float>, kMoments>;

Rows make_rows(std::size_t width) {
  Rows rows;
  rows.fill(std::vector<float>(width));
  return rows;
}

void multiply(const float* a, const float* b, std::size_t width, Rows& moments) {
  float *aa = moments[2].data(), *bb = moments[3].data(), *ab = moments[4].data();
  for (std::size_t x = 0; x < width; ++x) {
    aa[x] = a[x] * a[x];
    bb[x] = b[x] * b[x];
    ab[x] = a[x] * b[x];
  }
}

// A row of the three maps, of the samples and of their windows' means.
void map_row(const float* a, const float* b, const std::array<const float*, kMoments>& means,
             std::size_t width, float* structure, float* ringing, float* blurring) {
  constexpr auto c2 = static_cast<float>(kC2);
  const auto [mean_a, mean_b, mean_aa, mean_bb, mean_ab] = means;
  for (std::size_t x = 0; x < width; ++x) {
    const float ma = mean_a[x], mb = mean_b[x];
    const float covariance = mean_ab[x] - ma * mb,
                variances = (mean_aa[x] - ma * ma) + (mean_bb[x] - mb * mb);
    const float likeness = (1 - (ma - mb) * (ma - mb)) * (2 * covariance + c2) / (variances + c2);
    structure[x] = std::max(1 - likeness, 0.0F);
    const float edge = (1 + std::abs(b[x] - mb)) / (1 + std::abs(a[x] - ma)) - 1;
    ringing[x] = std::max(edge, 0.0F);
    blurring[x] = std::max(-edge, 0.0F);
  }
}

// Adds the sums of a row and of its fourth powers.
VAEC_CLONES void add_row(const float* row, std::size_t width, double& sum, double& fourths) {
  constexpr std::size_t kLanes = 16;
  std::array<float, kLanes> sums{}, of_fourths{};
  std::size_t x = 0;
  for (; x + kLanes <= width; x += kLanes) {
    for (std::size_t i = 0; i < kLanes; ++i) {
      const float square = row[x + i] * row[x + i];
      sums[i] += row[x + i];
      of_fourths[i] += square * square;
    }
  }
  for (std::size_t i = 0; x < width; ++x, ++i) {
    const float square = row[x] * row[x];
    sums[i] += row[x];
    of_fourths[i] += square * square;
  }
  for (std::size_t i = 0; i < kLanes; ++i) {
    sum += static_cast<double>(sums[i]);
    fourths += static_cast<double>(of_fourths[i]);
  }
}

// Of one channel, row by row.
Norms norms(const Planes& a, const Planes& b, std::size_t channel) {
  constexpr std::size_t kDelay = kGaussianRadius - 1;
  const std::size_t width = a.width, height = a.height;
  Rows moments = make_rows(width);
  std::array<const float*, kMoments> means{};
  std::vector<float> along(width);
  std::vector<ColumnBlur> columns(kMoments, ColumnBlur(width));
  std::array<std::vector<float>, kMaps> maps;
  maps.fill(std::vector<float>(width));
  Norms sums{};
  for (std::size_t y = 0; y < height + kDelay; ++y) {
    if (y < height) {
      const float *row_a = a.row(channel, y), *row_b = b.row(channel, y);
      std::copy_n(row_a, width, moments[0].data());
      std::copy_n(row_b, width, moments[1].data());
      multiply(row_a, row_b, width, moments);
    }
    for (std::size_t m = 0; m < kMoments; ++m) {
      if (y < height) blur_row(moments[m].data(), width, along.data());
      means[m] = columns[m].push(y < height ? along.data() : nullptr);
    }
    if (y < kDelay) continue;
    map_row(a.row(channel, y - kDelay), b.row(channel, y - kDelay), means, width, maps[0].data(),
            maps[1].data(), maps[2].data());
    for (std::size_t map = 0; map < kMaps; ++map)
      add_row(maps[map].data(), width, sums[0][map], sums[1][map]);
  }
  const auto pixels = static_cast<double>(width * height);
  for (std::size_t map = 0; map < kMaps; ++map) {
    sums[0][map] /= pixels;
    sums[1][map] = std::pow(sums[1][map] / pixels, 0.25);
  }
  return sums;
}

double score(const std::vector<OfChannels>& scales) {
  double sum = 0;
  for (std::size_t scale = 0; scale < scales.size(); ++scale) {
    for (std::size_t c = 0; c < kChannels; ++c) {
      for (std::size_t n = 0; n < kNorms; ++n) {
        for (std::size_t map = 0; map < kMaps; ++map)
          sum += kWeights[c][scale][n][map] * scales[scale][c][n][map];
      }
    }
  }
  const double s = sum * 0.9562382616834844;
  const double error = s * (2.326765642916932 + s * (-0.020884521182843837 + s * 6.248496625763138e-05));
  return error > 0 ? 100 - 10 * std::pow(error, 0.6276336467831387) : 100;
}

double score_on(const Image& original, const Image& distorted, float background) {
  Planes a = linear_planes(original, background), b = linear_planes(distorted, background);
  std::vector<OfChannels> scales;
  while (true) {
    const bool is_last =
        scales.size() + 1 == kScales || std::min(a.width, a.height) < kSmallestSsimulacra2Side;
    Planes next_a = is_last ? Planes(0, 0) : halved(a), next_b = is_last ? Planes(0, 0) : halved(b);
    to_xyb(a);
    to_xyb(b);
    OfChannels& found = scales.emplace_back();
    for (std::size_t c = 0; c < kChannels; ++c) found[c] = norms(a, b, c);
    if (is_last) break;
    a = std::move(next_a);
    b = std::move(next_b);
  }
  return score(scales);
}

}  // namespace

std::optional<double> ssimulacra2(const Image& original, const Image& distorted) {
  if (original.width != distorted.width || original.height != distorted.height ||
      original.channels != distorted.channels || original.bit_depth != distorted.bit_depth) {
    throw Error(ErrorCode::kInternal, "ssimulacra2: the pictures differ in size, channels or depth");
  }
  if (std::min(original.width, original.height) < kSmallestSsimulacra2Side) return std::nullopt;
  if (original == distorted) return 100;
  const auto is_opaque = [](const Image& image) { return image.alpha.empty() && image.alpha16.empty(); };
  if (is_opaque(original) && is_opaque(distorted)) return score_on(original, distorted, 0);
  constexpr float kDark = 0.1F, kLight = 0.9F;
  return std::min(score_on(original, distorted, kDark), score_on(original, distorted, kLight));
}

}  // namespace vaec::eval
