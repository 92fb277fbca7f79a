#include "eval/pchip.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>

#include "vaec/error.hpp"

namespace vaec::eval {
namespace {

// The three-point formula for the slope at an end, kept from overshooting. `h`, `d`: lengths and secants of
// the two segments, the end's own first.
double end_slope(double h0, double h1, double d0, double d1) {
  const double slope = ((2 * h0 + h1) * d0 - h0 * d1) / (h0 + h1);
  if (slope * d0 <= 0) return 0;
  if (d0 * d1 < 0 && std::abs(slope) > 3 * std::abs(d0)) return 3 * d0;
  return slope;
}

// The weighted harmonic mean of the secants on both sides, 0 at an extremum.
double inner_slope(double h0, double h1, double d0, double d1) {
  if (d0 * d1 <= 0) return 0;
  const double w0 = 2 * h1 + h0, w1 = h1 + 2 * h0;
  return (w0 + w1) / (w0 / d0 + w1 / d1);
}

}  // namespace

Pchip::Pchip(std::vector<double> x, std::vector<double> y) : x_(std::move(x)), y_(std::move(y)) {
  const std::size_t n = x_.size();
  const bool increasing = std::adjacent_find(x_.begin(), x_.end(), std::greater_equal<>()) == x_.end();
  if (n < 2 || y_.size() != n || !increasing) {
    throw Error(ErrorCode::kInternal, "Pchip: needs 2 or more points of increasing x");
  }
  std::vector<double> length(n - 1), secant(n - 1);
  for (std::size_t i = 0; i + 1 < n; ++i) {
    length[i] = x_[i + 1] - x_[i];
    secant[i] = (y_[i + 1] - y_[i]) / length[i];
  }
  slope_.assign(n, secant[0]);
  if (n == 2) return;
  slope_.front() = end_slope(length[0], length[1], secant[0], secant[1]);
  slope_.back() = end_slope(length[n - 2], length[n - 3], secant[n - 2], secant[n - 3]);
  for (std::size_t i = 1; i + 1 < n; ++i) {
    slope_[i] = inner_slope(length[i - 1], length[i], secant[i - 1], secant[i]);
  }
}

std::size_t Pchip::segment_of(double x) const {
  const auto right = std::upper_bound(x_.begin() + 1, x_.end() - 1, x);
  return static_cast<std::size_t>(right - x_.begin()) - 1;
}

double Pchip::operator()(double x) const {
  const std::size_t i = segment_of(x);
  const double h = x_[i + 1] - x_[i], t = (x - x_[i]) / h;
  return (1 + 2 * t) * (1 - t) * (1 - t) * y_[i] + t * (1 - t) * (1 - t) * h * slope_[i] +
         t * t * (3 - 2 * t) * y_[i + 1] + t * t * (t - 1) * h * slope_[i + 1];
}

double Pchip::integral_from_left(std::size_t i, double x) const {
  const double h = x_[i + 1] - x_[i], t = (x - x_[i]) / h;
  const double t2 = t * t, t3 = t2 * t, t4 = t3 * t;
  return h * ((t4 / 2 - t3 + t) * y_[i] + (t4 / 4 - 2 * t3 / 3 + t2 / 2) * h * slope_[i] +
              (t3 - t4 / 2) * y_[i + 1] + (t4 / 4 - t3 / 3) * h * slope_[i + 1]);
}

double Pchip::integral(double a, double b) const {
  const std::size_t first = segment_of(a), last = segment_of(b);
  double sum = integral_from_left(last, b) - integral_from_left(first, a);
  for (std::size_t i = first; i < last; ++i) sum += integral_from_left(i, x_[i + 1]);
  return sum;
}

}  // namespace vaec::eval
