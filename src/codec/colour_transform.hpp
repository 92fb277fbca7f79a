// Reversible changes of RGB colours that leave less to say of the second and third number: those of JPEG XL
// (ISO/IEC 18181-1, H.6.3).
#pragma once

#include <array>
#include <cstdint>

#include "entropy/plane_coder.hpp"

namespace vaec::codec {

// Seven kinds after six orders of the colours: 0 changes nothing.
inline constexpr int kColourTransforms = 42;

// `colour`: the three numbers of a pixel, in place.
void transform_colour(int transform, std::int32_t* colour);
// The other way; of any numbers that fit 20 bits.
void restore_colour(int transform, std::int32_t* colour);

// What range three channels of 0..high each have afterwards.
[[nodiscard]] std::array<entropy::SampleRange, 3> transformed_ranges(int transform,
                                                                     const std::array<std::int32_t, 3>& high);

}  // namespace vaec::codec
