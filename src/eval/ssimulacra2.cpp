#include "eval/ssimulacra2.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <memory>
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

// A row of a picture, a part for each channel.
using Row = std::array<std::vector<float>, kChannels>;

Row make_row(std::size_t width) {
  Row row;
  for (auto& channel : row) channel.resize(width);
  return row;
}

// Rows of an image as linear RGB; what is transparent is laid on `background` (0..1), as the values are encoded.
class LinearRows {
 public:
  LinearRows(const Image& image, float background) : image_(image), background_(background) {
    const std::size_t values = image.bit_depth == 8 ? 256 : 65536;
    unit_ = 1.0F / static_cast<float>(values - 1);
    for (std::size_t i = 0; i < values; ++i) table_.push_back(xyb::linear(static_cast<float>(i) * unit_));
  }

  void read(std::size_t y, Row& row) const {
    if (image_.bit_depth == 8) {
      read(image_.samples, image_.alpha, y, row);
    } else {
      read(image_.samples16, image_.alpha16, y, row);
    }
  }

 private:
  template <typename Sample>
  void read(const std::vector<Sample>& samples, const std::vector<Sample>& alpha, std::size_t y,
            Row& row) const {
    const std::size_t width = image_.width, step = image_.channels;
    for (std::size_t c = 0; c < kChannels; ++c) {
      const Sample* from = samples.data() + y * width * step + std::min(c, step - 1);
      float* to = row[c].data();
      for (std::size_t x = 0; x < width; ++x) to[x] = table_[from[x * step]];
      if (alpha.empty()) continue;
      for (std::size_t x = 0; x < width; ++x) {
        const float share = static_cast<float>(alpha[y * width + x]) * unit_;
        to[x] = xyb::linear(share * (static_cast<float>(from[x * step]) * unit_) + (1 - share) * background_);
      }
    }
  }

  const Image& image_;
  float background_, unit_ = 0;
  std::vector<float> table_;
};

// Means of 2x2; the last column of an odd width counts twice.
void halve(const Row& above, const Row& below, Row& to) {
  for (std::size_t c = 0; c < kChannels; ++c) {
    const float *first = above[c].data(), *second = below[c].data();
    const std::size_t last = above[c].size() - 1;
    for (std::size_t x = 0; x < to[c].size(); ++x) {
      const std::size_t left = 2 * x, right = std::min(left + 1, last);
      to[c][x] = (first[left] + first[right] + second[left] + second[right]) / 4;
    }
  }
}

// The cube root, within 6 units in the last place, as x times the square of x^(-1/3).
[[gnu::always_inline]] inline float cube_root_and(float x, float add) {
  const float r = xyb::inverse_cube_root(x);
  return std::fma(r * r, x, add);
}

[[gnu::always_inline]] inline float cone(const double (&weights)[3], float r, float g, float b) {
  const auto of = [&](std::size_t i) { return static_cast<float>(weights[i]); };
  const float sum =
      std::fma(of(0), r, std::fma(of(1), g, std::fma(of(2), b, static_cast<float>(xyb::kBias))));
  return cube_root_and(sum, -static_cast<float>(xyb::kRootOfBias));
}

VAEC_CLONES void to_cones(const float* red, const float* green, const float* blue, std::size_t n,
                          float* out_x, float* out_y, float* out_b) {
  for (std::size_t i = 0; i < n; ++i) {
    const float l = cone(xyb::kCones[0], red[i], green[i], blue[i]),
                m = cone(xyb::kCones[1], red[i], green[i], blue[i]);
    out_x[i] = (l - m) / 2;
    out_y[i] = (l + m) / 2;
    out_b[i] = cone(xyb::kCones[2], red[i], green[i], blue[i]);
  }
}

// Without VAEC_CLONES, here and where the maps are made: they would fuse what libjxl rounds.
void make_positive(float* x, float* y, float* b, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) {
    b[i] = b[i] - y[i] + static_cast<float>(xyb::kOffsetB);
    x[i] = x[i] * static_cast<float>(xyb::kScaleX) + static_cast<float>(xyb::kOffsetX);
    y[i] += static_cast<float>(xyb::kOffsetY);
  }
}

void to_xyb(const Row& rgb, Row& to) {
  const std::size_t n = rgb[0].size();
  to_cones(rgb[0].data(), rgb[1].data(), rgb[2].data(), n, to[0].data(), to[1].data(), to[2].data());
  make_positive(to[0].data(), to[1].data(), to[2].data(), n);
}

// What the maps are made of: means of a, b, a^2, b^2 and a * b. The products, which are not there yet:
constexpr std::size_t kMoments = 5, kProducts = 3;
using Products = std::array<std::vector<float>, kProducts>;

void multiply(const float* a, const float* b, std::size_t width, Products& products) {
  float *aa = products[0].data(), *bb = products[1].data(), *ab = products[2].data();
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

// Both pictures at one scale and at those below it. Rows come from the top and are gone once they have been counted.
class Scale {
 public:
  Scale(std::size_t width, std::size_t height, std::size_t scales)
      : width_(width), height_(height), columns_(kChannels * kMoments, ColumnBlur(width)), along_(width) {
    for (auto& row : last_a_) row = make_row(width);
    last_b_ = last_a_;
    for (auto& product : products_) product.resize(width);
    for (auto& map : maps_) map.resize(width);
    if (scales == 1 || std::min(width, height) < kSmallestSsimulacra2Side) return;
    above_a_ = above_b_ = make_row(width);
    half_a_ = half_b_ = make_row((width + 1) / 2);
    next_ = std::make_unique<Scale>((width + 1) / 2, (height + 1) / 2, scales - 1);
  }

  // The next row of both in linear RGB.
  void push(const Row& a, const Row& b) {
    if (next_) push_half(a, b);
    to_xyb(a, last_a_[y_ % kKept]);
    to_xyb(b, last_b_[y_ % kKept]);
    count(true);
    if (y_ < height_) return;
    for (std::size_t i = 0; i < kDelay; ++i) count(false);
  }

  // What was found here and below.
  void add_to(std::vector<OfChannels>& scales) const {
    const auto pixels = static_cast<double>(width_ * height_);
    OfChannels& found = scales.emplace_back(sums_);
    for (Norms& norms : found) {
      for (double& mean : norms[0]) mean /= pixels;
      for (double& fourths : norms[1]) fourths = std::pow(fourths / pixels, 0.25);
    }
    if (next_) next_->add_to(scales);
  }

 private:
  static constexpr std::size_t kDelay = kGaussianRadius - 1, kKept = kGaussianRadius;

  // The last row of an odd height counts twice.
  void push_half(const Row& a, const Row& b) {
    const bool is_odd = y_ % 2 == 1, is_last = y_ + 1 == height_;
    if (!is_odd && !is_last) {
      above_a_ = a;
      above_b_ = b;
      return;
    }
    halve(is_odd ? above_a_ : a, a, half_a_);
    halve(is_odd ? above_b_ : b, b, half_b_);
    next_->push(half_a_, half_b_);
  }

  // Takes in row y_, if it is there, and counts the one that is kDelay above.
  void count(bool is_there) {
    for (std::size_t c = 0; c < kChannels; ++c) {
      const float *a = last_a_[y_ % kKept][c].data(), *b = last_b_[y_ % kKept][c].data();
      if (is_there) multiply(a, b, width_, products_);
      const std::array<const float*, kMoments> moments = {a, b, products_[0].data(), products_[1].data(),
                                                          products_[2].data()};
      std::array<const float*, kMoments> means{};
      for (std::size_t m = 0; m < kMoments; ++m) {
        if (is_there) blur_row(moments[m], width_, along_.data());
        means[m] = columns_[c * kMoments + m].push(is_there ? along_.data() : nullptr);
      }
      if (y_ < kDelay) continue;
      const std::size_t middle = (y_ - kDelay) % kKept;
      map_row(last_a_[middle][c].data(), last_b_[middle][c].data(), means, width_, maps_[0].data(),
              maps_[1].data(), maps_[2].data());
      for (std::size_t map = 0; map < kMaps; ++map)
        add_row(maps_[map].data(), width_, sums_[c][0][map], sums_[c][1][map]);
    }
    ++y_;
  }

  std::size_t width_, height_, y_ = 0;
  std::array<Row, kKept> last_a_, last_b_;  // in XYB
  std::vector<ColumnBlur> columns_;
  std::vector<float> along_;
  Products products_;
  std::array<std::vector<float>, kMaps> maps_;
  OfChannels sums_{};
  Row above_a_, above_b_, half_a_, half_b_;  // linear, for the next scale
  std::unique_ptr<Scale> next_;
};

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
  const LinearRows of_a(original, background), of_b(distorted, background);
  Row a = make_row(original.width), b = a;
  Scale scale(original.width, original.height, kScales);
  for (std::size_t y = 0; y < original.height; ++y) {
    of_a.read(y, a);
    of_b.read(y, b);
    scale.push(a, b);
  }
  std::vector<OfChannels> scales;
  scale.add_to(scales);
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
