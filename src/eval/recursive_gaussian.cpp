#include "eval/recursive_gaussian.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/clones.hpp"

namespace vaec::eval {
namespace {

constexpr std::size_t kCosines = 3, kLanes = 4;
using Lanes = float __attribute__((vector_size(kLanes * sizeof(float))));

// Of sigma 1.5 and radius 5, by equations 33 to 57 of the paper: what a sample weighs, and minus twice the cosine of
// the angle of a step.
constexpr std::array<double, kCosines> kSample = {0.055295235726086647, -0.058836687026950073,
                                                  0.012955819110517011};
constexpr std::array<double, kCosines> kStep = {-1.9021130325903073, -1.1755705045849463, 0};

// What four values in a row owe to the two before them and to four samples.
struct FourSteps {
  Lanes last, before;
  std::array<Lanes, kLanes> samples;
};

FourSteps four_steps(std::size_t k) {
  const double n = kSample[k], d = kStep[k];
  const auto lanes = [](double a, double b, double c, double e) {
    return Lanes{static_cast<float>(a), static_cast<float>(b), static_cast<float>(c), static_cast<float>(e)};
  };
  const double one = n, two = -d * n, three = d * d * n - n, four = -d * d * d * n + 2 * d * n;
  return {
      lanes(-d, d * d - 1, -d * d * d + 2 * d, d * d * d * d - 3 * d * d + 1),
      lanes(-1, d, -d * d + 1, d * d * d - 2 * d),
      {lanes(one, two, three, four), lanes(0, one, two, three), lanes(0, 0, one, two), lanes(0, 0, 0, one)}};
}

[[gnu::always_inline]] inline Lanes fused(const Lanes& a, float b, const Lanes& c) {
  Lanes result;
  for (std::size_t i = 0; i < kLanes; ++i) result[i] = std::fma(a[i], b, c[i]);
  return result;
}

// The values of three cosines, one and two samples back.
struct State {
  std::array<float, kCosines> last{}, before{};
};

[[gnu::always_inline]] inline float one_step(const std::array<FourSteps, kCosines>& steps, float sum,
                                             State& state) {
  float total = 0;
  for (std::size_t k = kCosines; k-- > 0;) {
    float value = sum * steps[k].samples[0][0];
    value = std::fma(steps[k].before[0], state.before[k], value);
    value = std::fma(steps[k].last[0], state.last[k], value);
    state.before[k] = state.last[k];
    state.last[k] = value;
    total = value + total;
  }
  return total;
}

VAEC_CLONES void blur_row_by(const std::array<FourSteps, kCosines>& steps, const float* in,
                             std::ptrdiff_t width, float* out) {
  constexpr auto kRadius = static_cast<std::ptrdiff_t>(kGaussianRadius),
                 kStride = static_cast<std::ptrdiff_t>(kLanes);
  constexpr std::ptrdiff_t kFirst = 8;  // radius + 1, rounded up to lanes: from here on the left is inside
  State state;
  std::ptrdiff_t n = 1 - kRadius;
  for (; n < std::min(kFirst, width); ++n) {
    const std::ptrdiff_t left = n - kRadius - 1, right = n + kRadius - 1;
    const float sum = (left >= 0 ? in[left] : 0.0F) + (right < width ? in[right] : 0.0F);
    const float value = one_step(steps, sum, state);
    if (n >= 0) out[n] = value;
  }
  for (; n < width - kRadius + 1 - (kStride - 1); n += kStride) {
    const float *left = in + n - kRadius - 1, *right = in + n + kRadius - 1;
    Lanes total{};
    for (std::size_t k = kCosines; k-- > 0;) {
      Lanes value = (left[0] + right[0]) * steps[k].samples[0];
      for (std::size_t i = 1; i < kLanes; ++i) value = fused(steps[k].samples[i], left[i] + right[i], value);
      value = fused(steps[k].before, state.before[k], value);
      value = fused(steps[k].last, state.last[k], value);
      state.before[k] = value[kLanes - 2];
      state.last[k] = value[kLanes - 1];
      total = value + total;
    }
    for (std::ptrdiff_t i = 0; i < kStride; ++i) out[n + i] = total[static_cast<std::size_t>(i)];
  }
  for (; n < width; ++n) {
    const std::ptrdiff_t left = n - kRadius - 1, right = n + kRadius - 1;
    out[n] = one_step(steps, (left >= 0 ? in[left] : 0.0F) + (right < width ? in[right] : 0.0F), state);
  }
}

VAEC_CLONES void step_columns(const float* in, const float* out_of, std::size_t width, std::size_t k,
                              const float* last, float* before, float* total) {
  const auto sample = static_cast<float>(kSample[k]), step = static_cast<float>(kStep[k]);
  for (std::size_t x = 0; x < width; ++x) {
    const float sum = out_of[x] + in[x];
    const float value = std::fma(sample, sum, std::fma(-step, last[x], -before[x]));
    before[x] = value;
    total[x] = value + total[x];
  }
}

}  // namespace

void blur_row(const float* in, std::size_t width, float* out) {
  static const std::array<FourSteps, kCosines> kSteps = {four_steps(0), four_steps(1), four_steps(2)};
  blur_row_by(kSteps, in, static_cast<std::ptrdiff_t>(width), out);
}

ColumnBlur::ColumnBlur(std::size_t width)
    : width_(width), zeros_(width), total_(width), rows_(kRows * width) {
  last_.fill(std::vector<float>(width));
  before_.fill(std::vector<float>(width));
}

const float* ColumnBlur::push(const float* row) {
  float* slot = rows_.data() + taken_ % kRows * width_;  // of the row that goes out, and then of `row`
  std::fill(total_.begin(), total_.end(), 0.0F);
  if (row == nullptr) row = zeros_.data();
  for (std::size_t k = kCosines; k-- > 0;) {
    step_columns(row, slot, width_, k, last_[k].data(), before_[k].data(), total_.data());
    std::swap(last_[k], before_[k]);
  }
  std::copy_n(row, width_, slot);
  ++taken_;
  return total_.data();
}

}  // namespace vaec::eval
