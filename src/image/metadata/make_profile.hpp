// Profiles made of curves and primaries: version 4, small, the same bytes whenever they are made.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "image/metadata/colour_profile.hpp"
#include "image/metadata/lcms.hpp"

namespace vaec::image {

// ITU-T H.273, as a tag says them (ICC.1:2022, 9.2.17), which viewers of HDR go by.
struct CodePoints {
  int primaries = 0, transfer = 0;  // 0: no tag
};

// Curves from samples to light, both 0..1. Null: none can be made, which the functions below take.
[[nodiscard]] ToneCurve power_curve(cmsContext context, double exponent);
[[nodiscard]] ToneCurve srgb_curve(cmsContext context);

// Empty for what makes no profile: a curve that is null, a white point outside the primaries.
[[nodiscard]] std::vector<std::byte> make_rgb_profile(cmsContext context, const Chromaticities& colours,
                                                      cmsToneCurve* curve, const std::string& name,
                                                      const CodePoints& code_points = {});
[[nodiscard]] std::vector<std::byte> make_grey_profile(cmsContext context, const cmsToneCurve* curve,
                                                       const std::string& name);

// To five digits, whatever the locale.
[[nodiscard]] std::string in_words(double number);

}  // namespace vaec::image
