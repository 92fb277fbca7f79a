#include "noise.hpp"

#include <cmath>

namespace vaec::sample {

double hash(std::int64_t x, std::int64_t z, std::uint32_t seed) {
  std::uint64_t h = static_cast<std::uint64_t>(x) * 0x9E3779B97F4A7C15U +
                    static_cast<std::uint64_t>(z) * 0xC2B2AE3D27D4EB4FU + seed * 0x165667B19E3779F9U;
  h = (h ^ (h >> 30)) * 0xBF58476D1CE4E5B9U;  // the mixer of SplitMix64
  h = (h ^ (h >> 27)) * 0x94D049BB133111EBU;
  return static_cast<double>((h ^ (h >> 31)) >> 11) * 0x1p-53;
}

Noise noise(double x, double z, std::uint32_t seed) {
  const double fx = std::floor(x), fz = std::floor(z);
  const auto ix = static_cast<std::int64_t>(fx), iz = static_cast<std::int64_t>(fz);
  const double u = x - fx, v = z - fz;
  const double su = u * u * u * (u * (u * 6 - 15) + 10), sv = v * v * v * (v * (v * 6 - 15) + 10);
  const double du = 30 * u * u * (u * (u - 2) + 1), dv = 30 * v * v * (v * (v - 2) + 1);
  const double a = hash(ix, iz, seed), b = hash(ix + 1, iz, seed);
  const double c = hash(ix, iz + 1, seed), d = hash(ix + 1, iz + 1, seed);
  const double twist = a - b - c + d;
  return {2 * (a + (b - a) * su + (c - a) * sv + twist * su * sv) - 1, 2 * du * (b - a + twist * sv),
          2 * dv * (c - a + twist * su)};
}

double fractal(double x, double z, int octaves, std::uint32_t seed) {
  double sum = 0, strength = 0.5;
  for (int i = 0; i < octaves; ++i, strength /= 2) {
    sum += strength * noise(x, z, seed + static_cast<std::uint32_t>(i)).value;
    const double turned = 1.6 * x - 1.2 * z;  // a turn and a factor of 2
    z = 1.2 * x + 1.6 * z;
    x = turned;
  }
  return sum;
}

}  // namespace vaec::sample
