#include "loss/ssimulacra2_gradient.hpp"

#include <ATen/Parallel.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <utility>
#include <vector>

#include "base/clones.hpp"
#include "eval/recursive_gaussian.hpp"
#include "eval/ssimulacra2_weights.hpp"
#include "eval/xyb.hpp"
#include "loss/ssimulacra2.hpp"

namespace vaec::loss {
namespace {

namespace parts = eval::ssimulacra2_parts;
namespace xyb_of = eval::xyb;

constexpr std::size_t kChannels = parts::kChannels;
constexpr std::int64_t kReach = std::int64_t{eval::kGaussianTaps.size()} - 1;
constexpr std::size_t kRows = 2 * kReach + 1;  // that a window sees
constexpr std::int64_t kRowsAtOnce = 16;       // of a thread
constexpr std::array<float, kReach + 1> kTaps = [] {
  std::array<float, kReach + 1> taps{};
  for (std::size_t i = 0; i < taps.size(); ++i) taps[i] = static_cast<float>(eval::kGaussianTaps[i]);
  return taps;
}();

template <typename T>
using OfChannels = std::array<T, kChannels>;
using Rows = OfChannels<const float*>;
using RowsOut = OfChannels<float*>;

class Plane {
 public:
  Plane(std::int64_t height, std::int64_t width)
      : height_(height), width_(width), samples_(new float[static_cast<std::size_t>(height * width)]) {}
  [[nodiscard]] std::int64_t height() const { return height_; }
  [[nodiscard]] std::int64_t width() const { return width_; }
  float* row(std::int64_t y) { return samples_.get() + y * width_; }
  [[nodiscard]] const float* row(std::int64_t y) const { return samples_.get() + y * width_; }

 private:
  std::int64_t height_, width_;
  std::unique_ptr<float[]> samples_;  // not set
};

using Planes = std::vector<Plane>;

Planes make_planes(std::size_t count, std::int64_t height, std::int64_t width) {
  Planes planes;
  for (std::size_t i = 0; i < count; ++i) planes.emplace_back(height, width);
  return planes;
}

Rows rows_of(const Planes& planes, std::int64_t y) {
  return {planes[0].row(y), planes[1].row(y), planes[2].row(y)};
}
RowsOut rows_of(Planes& planes, std::int64_t y) {
  return {planes[0].row(y), planes[1].row(y), planes[2].row(y)};
}

template <typename F>
void for_rows(std::int64_t height, const F& f) {
  at::parallel_for(0, height, kRowsAtOnce, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t y = begin; y < end; ++y) f(y);
  });
}

VAEC_CLONES void row_to_light(const float* from, std::int64_t n, float* __restrict to) {
  for (std::int64_t i = 0; i < n; ++i) to[i] = xyb_of::linear(std::min(std::max(from[i], 0.0F), 1.0F));
}

// Times the slope of the light by the encoded value; nothing where that is clamped.
VAEC_CLONES void times_slope_of_light(const float* encoded, const float* light, std::int64_t n,
                                      float* __restrict gradient) {
  for (std::int64_t i = 0; i < n; ++i) {
    const float x = encoded[i];
    const float curved = 2.4F * light[i] / (x + 0.055F), slope = x <= 0.04045F ? 1 / 12.92F : curved;
    gradient[i] *= x >= 0 && x <= 1 ? slope : 0;
  }
}

// Means of 2x2; n of them.
VAEC_CLONES void halve(const float* above, const float* below, std::int64_t n, float* __restrict to) {
  for (std::int64_t i = 0; i < n; ++i)
    to[i] = (above[2 * i] + above[2 * i + 1] + below[2 * i] + below[2 * i + 1]) / 4;
}

// And back: of each mean's gradient a quarter to each of the four.
VAEC_CLONES void add_quarters(const float* from, std::int64_t n, float* __restrict to) {
  for (std::int64_t i = 0; i < n; ++i) {
    to[2 * i] += from[i] / 4;
    to[2 * i + 1] += from[i] / 4;
  }
}

[[gnu::always_inline]] inline float cone(const double (&weights)[kChannels], float red, float green,
                                         float blue) {
  return static_cast<float>(weights[0]) * red + static_cast<float>(weights[1]) * green +
         static_cast<float>(weights[2]) * blue + static_cast<float>(xyb_of::kBias);
}

VAEC_CLONES void row_to_xyb(const Rows& light, std::int64_t n, const RowsOut& to) {
  const auto [red, green, blue] = light;
  float* __restrict x = to[0];
  float* __restrict y = to[1];
  float* __restrict b = to[2];
  constexpr auto kRootOfBias = static_cast<float>(xyb_of::kRootOfBias);
  for (std::int64_t i = 0; i < n; ++i) {
    std::array<float, 3> roots{};
    for (std::size_t k = 0; k < roots.size(); ++k) {
      const float in = cone(xyb_of::kCones[k], red[i], green[i], blue[i]),
                  inverse = xyb_of::inverse_cube_root(in);
      roots[k] = inverse * inverse * in;
    }
    const float mean = (roots[0] + roots[1]) / 2 - kRootOfBias;
    x[i] = (roots[0] - roots[1]) * static_cast<float>(xyb_of::kScaleX / 2) +
           static_cast<float>(xyb_of::kOffsetX);
    y[i] = mean + static_cast<float>(xyb_of::kOffsetY);
    b[i] = roots[2] - kRootOfBias - mean + static_cast<float>(xyb_of::kOffsetB);
  }
}

// The gradient by linear light, of the one by XYB.
VAEC_CLONES void row_of_light_gradient(const Rows& light, const Rows& of_xyb, std::int64_t n,
                                       const RowsOut& to) {
  const auto [red, green, blue] = light;
  const auto [of_x, of_y, of_b] = of_xyb;
  float* __restrict of_red = to[0];
  float* __restrict of_green = to[1];
  float* __restrict of_blue = to[2];
  for (std::int64_t i = 0; i < n; ++i) {
    const float x = of_x[i] * static_cast<float>(xyb_of::kScaleX / 2), y = (of_y[i] - of_b[i]) / 2;
    std::array<float, 3> of_cones{y + x, y - x, of_b[i]};
    for (std::size_t k = 0; k < of_cones.size(); ++k) {
      const float inverse = xyb_of::inverse_cube_root(cone(xyb_of::kCones[k], red[i], green[i], blue[i]));
      of_cones[k] *= inverse * inverse / 3;  // the root's slope
    }
    const auto back = [&](std::size_t c) {
      return static_cast<float>(xyb_of::kCones[0][c]) * of_cones[0] +
             static_cast<float>(xyb_of::kCones[1][c]) * of_cones[1] +
             static_cast<float>(xyb_of::kCones[2][c]) * of_cones[2];
    };
    of_red[i] = back(0);
    of_green[i] = back(1);
    of_blue[i] = back(2);
  }
}

// Window means along a row that has kReach zeros before and behind.
VAEC_CLONES void blur_along(const float* padded, std::int64_t n, float* __restrict to) {
  const float* middle = padded + kReach;
  for (std::int64_t i = 0; i < n; ++i) {
    float sum = kTaps[0] * middle[i];
    for (std::int64_t k = 1; k <= kReach; ++k)
      sum += kTaps[static_cast<std::size_t>(k)] * (middle[i - k] + middle[i + k]);
    to[i] = sum;
  }
}

VAEC_CLONES void blur_down(const std::array<const float*, kRows>& rows, std::int64_t n,
                           float* __restrict to) {
  const auto [a, b, c, d, middle, e, f, g, h] = rows;
  for (std::int64_t i = 0; i < n; ++i) {
    to[i] = kTaps[0] * middle[i] + kTaps[1] * (d[i] + e[i]) + kTaps[2] * (c[i] + f[i]) +
            kTaps[3] * (b[i] + g[i]) + kTaps[4] * (a[i] + h[i]);
  }
}

// Window means of the plane whose rows `fill(y, row)` gives; zeros beyond it.
template <typename Fill>
void blur(Plane& to, Plane& along, const Fill& fill) {
  const auto height = to.height(), width = to.width();
  at::parallel_for(0, height, kRowsAtOnce, [&](std::int64_t begin, std::int64_t end) {
    std::vector<float> padded(static_cast<std::size_t>(width + 2 * kReach));
    for (std::int64_t y = begin; y < end; ++y) {
      fill(y, padded.data() + kReach);
      blur_along(padded.data(), width, along.row(y));
    }
  });
  const std::vector<float> zeros(static_cast<std::size_t>(width));
  for_rows(height, [&](std::int64_t y) {
    std::array<const float*, kRows> rows{};
    for (std::int64_t k = -kReach; k <= kReach; ++k)
      rows.at(static_cast<std::size_t>(k + kReach)) =
          y + k < 0 || y + k >= height ? zeros.data() : along.row(y + k);
    blur_down(rows, width, to.row(y));
  });
}

VAEC_CLONES void row_of_squares(const float* a, const float* b, std::int64_t n, float* __restrict to) {
  for (std::int64_t i = 0; i < n; ++i) to[i] = a[i] * a[i] + b[i] * b[i];
}

VAEC_CLONES void row_of_squared_difference(const float* a, const float* b, std::int64_t n,
                                           float* __restrict to) {
  for (std::int64_t i = 0; i < n; ++i) to[i] = (a[i] - b[i]) * (a[i] - b[i]);
}

// Window means of a, b, a^2 + b^2 and (a - b)^2: what the maps are made of.
enum Moment : std::size_t { kMeanA, kMeanB, kSquares, kSquaredDifference, kMoments };
using MomentRows = std::array<const float*, kMoments>;

// What of a sample the maps and their gradients are made of.
struct Sample {
  float shift, variances,
      quotient;                 // (mean a - mean b)^2; with C2; what is taken off the likeness of 1 - shift
  float structure, edge, step;  // the maps, ringing and blurring as one; 1 / (1 + |a - mean a|)
};

[[gnu::always_inline]] inline Sample sample_of(float a, float b, float mean_a, float mean_b, float squares,
                                               float squared_difference) {
  Sample s{};
  s.shift = (mean_a - mean_b) * (mean_a - mean_b);
  s.variances = squares - mean_a * mean_a - mean_b * mean_b + static_cast<float>(parts::kC2);
  s.quotient = (squared_difference - s.shift) / s.variances;
  s.structure = std::max(1 - (1 - s.shift) * (1 - s.quotient), 0.0F);
  s.step = 1 / (1 + std::abs(a - mean_a));
  s.edge = (1 + std::abs(b - mean_b)) * s.step - 1;
  return s;
}

using Maps = std::array<double, parts::kMaps>;  // structure, ringing, blurring
struct Sums {
  Maps firsts{}, fourths{};
};

// Adds a row of the maps.
VAEC_CLONES void add_maps(const float* a, const float* b, const MomentRows& moments, std::int64_t n,
                          Sums& sums) {
  constexpr std::int64_t kLanes = 16;
  const auto [mean_a, mean_b, squares, squared_difference] = moments;
  std::array<float, kLanes> firsts[parts::kMaps] = {}, fourths[parts::kMaps] = {};
  for (std::int64_t x = 0; x < n; x += kLanes) {
    // Sides of small scales are no multiples: what is beyond counts zero.
    const auto count = std::min(kLanes, n - x);
    std::array<float, kLanes> maps[parts::kMaps] = {};
    for (std::int64_t i = 0; i < count; ++i) {
      const auto s = sample_of(a[x + i], b[x + i], mean_a[x + i], mean_b[x + i], squares[x + i],
                               squared_difference[x + i]);
      const auto lane = static_cast<std::size_t>(i);
      maps[0][lane] = s.structure;
      maps[1][lane] = std::max(s.edge, 0.0F);
      maps[2][lane] = std::max(-s.edge, 0.0F);
    }
    for (std::size_t m = 0; m < parts::kMaps; ++m) {
      for (std::size_t i = 0; i < kLanes; ++i) {
        const float square = maps[m][i] * maps[m][i];
        firsts[m][i] += maps[m][i];
        fourths[m][i] += square * square;
      }
    }
  }
  for (std::size_t m = 0; m < parts::kMaps; ++m) {
    for (std::size_t i = 0; i < kLanes; ++i) {
      sums.firsts.at(m) += static_cast<double>(firsts[m][i]);
      sums.fourths.at(m) += static_cast<double>(fourths[m][i]);
    }
  }
}

// Of a sample of each map: the error's slope is first + cubed * sample^3.
struct Slopes {
  std::array<float, parts::kMaps> first{}, cubed{};
};

// The gradients by three of the moments, and by b itself.
VAEC_CLONES void row_of_gradients(const float* a, const float* b, const MomentRows& moments,
                                  const Slopes& slopes, std::int64_t n, float* __restrict of_mean_b,
                                  float* __restrict of_squares, float* __restrict of_squared_difference,
                                  float* __restrict of_b) {
  const auto [mean_a, mean_b, squares, squared_difference] = moments;
  for (std::int64_t i = 0; i < n; ++i) {
    const auto s = sample_of(a[i], b[i], mean_a[i], mean_b[i], squares[i], squared_difference[i]);
    const auto slope = [&](std::size_t map, float value) {
      return slopes.first[map] + slopes.cubed[map] * value * value * value;
    };
    // structure = 1 - (1 - shift) * (1 - quotient)
    const float of_structure = s.structure > 0 ? slope(0, s.structure) : 0;
    const float of_quotient = of_structure * (1 - s.shift) / s.variances;
    const float of_shift = of_structure * (1 - s.quotient) - of_quotient;
    of_squared_difference[i] = of_quotient;
    of_squares[i] = -of_quotient * s.quotient;
    const float ringing = slope(1, s.edge), blurring = -slope(2, -s.edge);
    const float of_edge = (s.edge > 0   ? ringing
                           : s.edge < 0 ? blurring
                                        : 0) *
                          (b[i] < mean_b[i] ? -s.step : s.step);
    of_mean_b[i] =
        of_shift * 2 * (mean_b[i] - mean_a[i]) + of_quotient * s.quotient * 2 * mean_b[i] - of_edge;
    of_b[i] = of_edge;
  }
}

// Adds what comes through the moments; their gradients, blurred.
VAEC_CLONES void add_through_moments(const float* a, const float* b, const float* of_mean_b,
                                     const float* of_squares, const float* of_squared_difference,
                                     std::int64_t n, float* __restrict of_b) {
  for (std::int64_t i = 0; i < n; ++i)
    of_b[i] += of_mean_b[i] + 2 * b[i] * of_squares[i] + 2 * (b[i] - a[i]) * of_squared_difference[i];
}

// Of one channel at one scale, and its gradient by b, unless that is null.
double error_of_channel(const Plane& a, const Plane& b, const parts::Norms& weights, Plane* gradient) {
  const auto height = a.height(), width = a.width();
  Plane along(height, width);
  auto moments = make_planes(kMoments, height, width);
  const auto copy = [&](const Plane& from) {
    return [&](std::int64_t y, float* to) { std::copy_n(from.row(y), width, to); };
  };
  blur(moments[kMeanA], along, copy(a));
  blur(moments[kMeanB], along, copy(b));
  blur(moments[kSquares], along,
       [&](std::int64_t y, float* to) { row_of_squares(a.row(y), b.row(y), width, to); });
  blur(moments[kSquaredDifference], along,
       [&](std::int64_t y, float* to) { row_of_squared_difference(a.row(y), b.row(y), width, to); });
  const auto moment_rows = [&](std::int64_t y) {
    return MomentRows{moments[kMeanA].row(y), moments[kMeanB].row(y), moments[kSquares].row(y),
                      moments[kSquaredDifference].row(y)};
  };
  std::vector<Sums> of_rows(static_cast<std::size_t>(height));
  for_rows(height, [&](std::int64_t y) {
    add_maps(a.row(y), b.row(y), moment_rows(y), width, of_rows[static_cast<std::size_t>(y)]);
  });
  Sums sums;
  for (const auto& row : of_rows) {
    for (std::size_t m = 0; m < parts::kMaps; ++m) {
      sums.firsts.at(m) += row.firsts.at(m);
      sums.fourths.at(m) += row.fourths.at(m);
    }
  }
  const auto pixels = static_cast<double>(height * width);
  double error = 0;
  Slopes slopes;
  for (std::size_t m = 0; m < parts::kMaps; ++m) {
    const double fourth = sums.fourths.at(m) / pixels + kPowersFloor;
    error += weights[0].at(m) * sums.firsts.at(m) / pixels + weights[1].at(m) * std::pow(fourth, 0.25);
    slopes.first.at(m) = static_cast<float>(weights[0].at(m) / pixels);
    slopes.cubed.at(m) = static_cast<float>(weights[1].at(m) * std::pow(fourth, -0.75) / pixels);
  }
  if (gradient == nullptr) return error;
  auto of_moments = make_planes(3, height, width);
  for_rows(height, [&](std::int64_t y) {
    row_of_gradients(a.row(y), b.row(y), moment_rows(y), slopes, width, of_moments[0].row(y),
                     of_moments[1].row(y), of_moments[2].row(y), gradient->row(y));
  });
  // The window is even: it is its own transpose.
  for (std::size_t i = 0; i < of_moments.size(); ++i) blur(moments[i], along, copy(of_moments[i]));
  for_rows(height, [&](std::int64_t y) {
    add_through_moments(a.row(y), b.row(y), moments[0].row(y), moments[1].row(y), moments[2].row(y), width,
                        gradient->row(y));
  });
  return error;
}

// From `scale` on down, of linear light; the gradient by b's, unless null, is set.
double error_from(std::size_t scale, const Planes& a, const Planes& b, Planes* gradient) {
  const auto height = a[0].height(), width = a[0].width();
  double error = 0;
  {
    auto xyb_a = make_planes(kChannels, height, width), xyb_b = make_planes(kChannels, height, width);
    Planes of_xyb;
    if (gradient != nullptr) of_xyb = make_planes(kChannels, height, width);
    for_rows(height, [&](std::int64_t y) {
      row_to_xyb(rows_of(a, y), width, rows_of(xyb_a, y));
      row_to_xyb(rows_of(b, y), width, rows_of(xyb_b, y));
    });
    for (std::size_t c = 0; c < kChannels; ++c) {
      error += error_of_channel(xyb_a[c], xyb_b[c], parts::kWeights.at(c).at(scale),
                                gradient != nullptr ? &of_xyb[c] : nullptr);
    }
    if (gradient != nullptr) {
      for_rows(height, [&](std::int64_t y) {
        row_of_light_gradient(rows_of(b, y), rows_of(std::as_const(of_xyb), y), width, rows_of(*gradient, y));
      });
    }
  }
  if (scale + 1 == parts::kScales) return error;
  auto half_a = make_planes(kChannels, height / 2, width / 2),
       half_b = make_planes(kChannels, height / 2, width / 2);
  for (std::size_t c = 0; c < kChannels; ++c) {
    for_rows(height / 2, [&](std::int64_t y) {
      halve(a[c].row(2 * y), a[c].row(2 * y + 1), width / 2, half_a[c].row(y));
      halve(b[c].row(2 * y), b[c].row(2 * y + 1), width / 2, half_b[c].row(y));
    });
  }
  Planes of_half;
  if (gradient != nullptr) of_half = make_planes(kChannels, height / 2, width / 2);
  error += error_from(scale + 1, half_a, half_b, gradient != nullptr ? &of_half : nullptr);
  for (std::size_t c = 0; c < of_half.size(); ++c) {
    for_rows(height,
             [&](std::int64_t y) { add_quarters(of_half[c].row(y / 2), width / 2, (*gradient)[c].row(y)); });
  }
  return error;
}

}  // namespace

double ssimulacra2_error(const float* a, const float* b, std::int64_t height, std::int64_t width,
                         float* gradient) {
  auto light_a = make_planes(kChannels, height, width), light_b = make_planes(kChannels, height, width);
  const auto at = [&](std::size_t c, std::int64_t y) {
    return (static_cast<std::int64_t>(c) * height + y) * width;
  };
  for (std::size_t c = 0; c < kChannels; ++c) {
    for_rows(height, [&](std::int64_t y) {
      row_to_light(a + at(c, y), width, light_a[c].row(y));
      row_to_light(b + at(c, y), width, light_b[c].row(y));
    });
  }
  Planes of_light;
  if (gradient != nullptr) of_light = make_planes(kChannels, height, width);
  const double error = error_from(0, light_a, light_b, gradient != nullptr ? &of_light : nullptr);
  for (std::size_t c = 0; c < of_light.size(); ++c) {
    for_rows(height, [&](std::int64_t y) {
      float* to = gradient + at(c, y);
      std::copy_n(of_light[c].row(y), width, to);
      times_slope_of_light(b + at(c, y), light_b[c].row(y), width, to);
    });
  }
  return error;
}

}  // namespace vaec::loss
