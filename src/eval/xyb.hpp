// The colour space XYB of JPEG XL (ISO/IEC 18181-1): cube roots of what the eye's three kinds of cones take in, as their
// sum (Y), their difference (X) and blue (B). As SSIMULACRA2 uses it: B less Y, and all three within about 0 to 1.
#pragma once

#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>

namespace vaec::eval::xyb {

// Of linear sRGB (0..1) to the cones: a row for each of L, M and S.
inline constexpr double kCones[3][3] = {
    {0.3, 1 - 0.3 - 0.078, 0.078},
    {0.23, 1 - 0.23 - 0.078, 0.078},
    {0.24342268924547819, 0.20476744424496821, 1 - 0.24342268924547819 - 0.20476744424496821}};
inline constexpr double kBias = 0.0037930732552754493;      // added before the cube root
inline constexpr double kRootOfBias = 0.15595420054924863;  // taken off after it

// X is (L - M) / 2 and Y (L + M) / 2, both of the roots; what SSIMULACRA2 makes of the three:
inline constexpr double kScaleX = 14, kOffsetX = 0.42, kOffsetY = 0.01, kOffsetB = 0.55;  // of S - Y

// Linear light of an sRGB value (IEC 61966-2-1) of 0..1, as libjxl approximates it: within 5e-7.
[[gnu::always_inline]] inline float linear(float encoded) {
  constexpr std::array<float, 5> above = {8.210152774e-01F, 7.961564959e-01F, 1.624820318e-01F,
                                          1.043637593e-02F, 2.200248328e-04F},
                                 below = {6.521209011e-03F, -5.512498495e-02F, 4.987528350e-01F,
                                          1.076976492e+00F, 2.631846970e-01F};
  float numerator = above[0], denominator = below[0];
  for (std::size_t i = 1; i < above.size(); ++i) {
    numerator = std::fma(numerator, encoded, above[i]);
    denominator = std::fma(denominator, encoded, below[i]);
  }
  const float dark = encoded * (1.0F / 12.92F), light = numerator / denominator;
  return encoded <= 0.04045F ? dark : light;
}

// x^(-1/3), within a few units in the last place, of positive numbers: Newton's steps, which need no division, from a third of
// the exponent (Fog, "Optimizing software in C++").
[[gnu::always_inline]] inline float inverse_cube_root(float x) {
  constexpr std::uint32_t kOne = 0x54800000, kThird = 0x002AAAAA;
  float r = std::bit_cast<float>(kOne - (std::bit_cast<std::uint32_t>(x) >> 23) * kThird);
  const float third = x * (1.0F / 3);
  for (int i = 0; i < 3; ++i) {
    const float square = r * r;
    r = std::fma(-third, square * square, 4.0F / 3 * r);
  }
  const float square = r * r;
  return std::fma(1.0F / 3, std::fma(-x, square * square, r), r);
}

}  // namespace vaec::eval::xyb
