// Points, directions and linear RGB colours.
#pragma once

#include <cmath>

namespace vaec::sample {

struct Vec3 {
  double x = 0, y = 0, z = 0;
};

inline Vec3 operator+(Vec3 a, Vec3 b) { return {a.x + b.x, a.y + b.y, a.z + b.z}; }
inline Vec3 operator-(Vec3 a, Vec3 b) { return {a.x - b.x, a.y - b.y, a.z - b.z}; }
inline Vec3 operator*(Vec3 a, Vec3 b) { return {a.x * b.x, a.y * b.y, a.z * b.z}; }
inline Vec3 operator*(Vec3 a, double s) { return {a.x * s, a.y * s, a.z * s}; }
inline double dot(Vec3 a, Vec3 b) { return a.x * b.x + a.y * b.y + a.z * b.z; }
inline Vec3 normalized(Vec3 a) { return a * (1 / std::sqrt(dot(a, a))); }

inline Vec3 mix(Vec3 a, Vec3 b, double t) { return a + (b - a) * t; }

// 0 up to `low`, 1 from `high` on, smooth between.
inline double smoothstep(double low, double high, double x) {
  const double t = std::fmin(1, std::fmax(0, (x - low) / (high - low)));
  return t * t * (3 - 2 * t);
}

}  // namespace vaec::sample
