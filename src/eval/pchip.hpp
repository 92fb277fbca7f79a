// Piecewise cubic Hermite interpolation that keeps monotone data monotone (Fritsch & Carlson 1980; the end
// slopes and the harmonic mean as in Fritsch & Butland 1984, as MATLAB and SciPy do it).
#pragma once

#include <vector>

namespace vaec::eval {

class Pchip {
 public:
  // Needs at least 2 points, `x` strictly increasing. Throws Error kInternal otherwise.
  Pchip(std::vector<double> x, std::vector<double> y);

  // Outside the given points the cubic of the nearest segment continues.
  [[nodiscard]] double operator()(double x) const;
  // Exact, from `a` to `b`, both within the given points.
  [[nodiscard]] double integral(double a, double b) const;

 private:
  [[nodiscard]] std::size_t segment_of(double x) const;
  // Of segment `i`'s cubic, from its left end to `x`.
  [[nodiscard]] double integral_from_left(std::size_t i, double x) const;

  std::vector<double> x_, y_, slope_;
};

}  // namespace vaec::eval
