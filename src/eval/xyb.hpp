// The colour space XYB of JPEG XL (ISO/IEC 18181-1): cube roots of what the eye's three kinds of cones take in, as their
// sum (Y), their difference (X) and blue (B). As SSIMULACRA2 uses it: B less Y, and all three within about 0 to 1.
#pragma once

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

}  // namespace vaec::eval::xyb
