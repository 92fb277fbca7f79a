#include "image/metadata/make_profile.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace vaec::image {
namespace {

// lcms writes when a profile was made: two runs would differ. ISO 15076-1, 7.2: the date is at 24.
constexpr std::size_t kDate = 24;
constexpr std::array<int, 12> kNoSpecialDate = {2000 >> 8, 2000 & 255, 0, 1, 0, 1};

bool set_name(cmsContext context, cmsHPROFILE profile, const std::string& name) {
  cmsMLU* text = cmsMLUalloc(context, 1);
  const bool done = text != nullptr && cmsMLUsetASCII(text, "en", "US", name.c_str()) &&
                    cmsWriteTag(profile, cmsSigProfileDescriptionTag, text);
  cmsMLUfree(text);
  return done;
}

std::vector<std::byte> bytes_of(cmsContext context, cmsHPROFILE profile, const std::string& name) {
  constexpr double kVersion = 4.4;
  cmsSetProfileVersion(profile, kVersion);
  cmsUInt32Number size = 0;
  if (!set_name(context, profile, name) || !cmsSaveProfileToMem(profile, nullptr, &size)) return {};
  std::vector<std::byte> icc(size);
  if (!cmsSaveProfileToMem(profile, icc.data(), &size) || size < kDate + kNoSpecialDate.size()) return {};
  std::transform(kNoSpecialDate.begin(), kNoSpecialDate.end(), icc.begin() + kDate,
                 [](int byte) { return static_cast<std::byte>(byte); });
  return icc;
}

// Whether white is a mixture of some of each primary. Then they are no line, either.
bool have_white_inside(const Chromaticities& c) {
  constexpr double kLargest = 10, kLeast = 1e-3;  // it has a quarter of each in those in use
  for (const double value :
       {c.white_x, c.white_y, c.red_x, c.red_y, c.green_x, c.green_y, c.blue_x, c.blue_y}) {
    if (!(std::abs(value) <= kLargest)) return false;
  }
  if (c.white_y < kLeast) return false;
  struct Point {
    double x, y;
  };
  const auto area = [](Point a, Point b, Point d) {
    return (b.x - a.x) * (d.y - a.y) - (d.x - a.x) * (b.y - a.y);
  };
  const Point white{c.white_x, c.white_y}, red{c.red_x, c.red_y}, green{c.green_x, c.green_y},
      blue{c.blue_x, c.blue_y};
  const double all = area(red, green, blue);
  return all != 0 && area(white, green, blue) / all > kLeast && area(red, white, blue) / all > kLeast &&
         area(red, green, white) / all > kLeast;
}

// A tag holds numbers below 32768, of which no primary comes near.
bool has_sensible_primaries(cmsHPROFILE profile) {
  constexpr double kLargest = 4;
  for (const auto tag : {cmsSigRedColorantTag, cmsSigGreenColorantTag, cmsSigBlueColorantTag}) {
    const auto* primary = static_cast<const cmsCIEXYZ*>(cmsReadTag(profile, tag));
    if (primary == nullptr) return false;
    for (const double value : {primary->X, primary->Y, primary->Z}) {
      if (!(std::abs(value) < kLargest)) return false;
    }
  }
  return true;
}

}  // namespace

ToneCurve power_curve(cmsContext context, double exponent) {
  constexpr double kLargest = 20;
  if (!(exponent >= 1 / kLargest && exponent <= kLargest)) return nullptr;
  return ToneCurve(cmsBuildGamma(context, exponent));
}

ToneCurve srgb_curve(cmsContext context) {
  // IEC 61966-2-1: ((v + 0.055) / 1.055) ^ 2.4, below 0.04045 v / 12.92.
  constexpr double kParameters[] = {2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045};
  return ToneCurve(cmsBuildParametricToneCurve(context, 4, kParameters));
}

std::vector<std::byte> make_rgb_profile(cmsContext context, const Chromaticities& colours,
                                        cmsToneCurve* curve, const std::string& name,
                                        const CodePoints& code_points) {
  if (curve == nullptr || !have_white_inside(colours)) return {};
  const cmsCIExyY white{colours.white_x, colours.white_y, 1};
  const cmsCIExyYTRIPLE primaries{{colours.red_x, colours.red_y, 1},
                                  {colours.green_x, colours.green_y, 1},
                                  {colours.blue_x, colours.blue_y, 1}};
  cmsToneCurve* const curves[] = {curve, curve, curve};
  const Profile profile(cmsCreateRGBProfileTHR(context, &white, &primaries, curves));
  if (!profile || !has_sensible_primaries(profile.get())) return {};
  if (code_points.transfer != 0) {
    constexpr cmsUInt8Number kRgb = 0, kFullRange = 1;
    const cmsVideoSignalType tag{static_cast<cmsUInt8Number>(code_points.primaries),
                                 static_cast<cmsUInt8Number>(code_points.transfer), kRgb, kFullRange};
    if (!cmsWriteTag(profile.get(), cmsSigcicpTag, &tag)) return {};
  }
  return bytes_of(context, profile.get(), name);
}

std::vector<std::byte> make_grey_profile(cmsContext context, const cmsToneCurve* curve,
                                         const std::string& name) {
  if (curve == nullptr) return {};
  const Profile profile(cmsCreateGrayProfileTHR(context, cmsD50_xyY(), curve));
  return profile ? bytes_of(context, profile.get(), name) : std::vector<std::byte>{};
}

std::string in_words(double number) {
  std::array<char, 32> text{};
  const auto end =
      std::to_chars(text.data(), text.data() + text.size(), number, std::chars_format::general, 5);
  return {text.data(), end.ptr};
}

}  // namespace vaec::image
