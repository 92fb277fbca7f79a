// Random numbers that depend on nothing but their arguments.
#pragma once

#include <cstdint>

namespace vaec::sample {

// 0..1 for a lattice point.
[[nodiscard]] double hash(std::int64_t x, std::int64_t z, std::uint32_t seed);

// Smooth noise in -1..1 with its slope.
struct Noise {
  double value, dx, dz;
};
[[nodiscard]] Noise noise(double x, double z, std::uint32_t seed);

// Sum of `octaves` of noise, each twice as fine and half as strong; about -1..1.
[[nodiscard]] double fractal(double x, double z, int octaves, std::uint32_t seed);

}  // namespace vaec::sample
