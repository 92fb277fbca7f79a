#include "image/metadata/colour_profile.hpp"

#include <gtest/gtest.h>
#include <lcms2.h>

#include <array>
#include <cmath>
#include <thread>

#include "image/make_cmyk_profile.hpp"
#include "image/make_picture.hpp"

namespace vaec::image {
namespace {

using Rgb = std::array<double, 3>;

cmsHPROFILE open(const std::vector<std::byte>& icc) {
  return cmsOpenProfileFromMem(icc.data(), static_cast<cmsUInt32Number>(icc.size()));
}

// What a viewer shows of a profile's colour: sRGB, 0..1.
Rgb shown(const std::vector<std::byte>& icc, const std::vector<double>& colour, cmsUInt32Number format) {
  const cmsHPROFILE from = open(icc), to = cmsCreate_sRGBProfile();
  const cmsHTRANSFORM transform =
      cmsCreateTransform(from, format, to, TYPE_RGB_DBL, INTENT_RELATIVE_COLORIMETRIC, cmsFLAGS_NOOPTIMIZE);
  Rgb result{-1, -1, -1};
  EXPECT_NE(transform, nullptr);
  if (transform != nullptr) cmsDoTransform(transform, colour.data(), result.data(), 1);
  cmsDeleteTransform(transform);
  cmsCloseProfile(from);
  cmsCloseProfile(to);
  return result;
}

// Light, 0..1, of a grey of an RGB profile.
double light(const std::vector<std::byte>& icc, double value) {
  const cmsHPROFILE from = open(icc), to = cmsCreateXYZProfile();
  const cmsHTRANSFORM transform = cmsCreateTransform(from, TYPE_RGB_DBL, to, TYPE_XYZ_DBL,
                                                     INTENT_RELATIVE_COLORIMETRIC, cmsFLAGS_NOOPTIMIZE);
  const Rgb grey{value, value, value};
  cmsCIEXYZ result{};
  cmsDoTransform(transform, grey.data(), &result, 1);
  cmsDeleteTransform(transform);
  cmsCloseProfile(from);
  cmsCloseProfile(to);
  return result.Y;
}

double srgb(double of_light) {
  return of_light <= 0.0031308 ? of_light * 12.92 : 1.055 * std::pow(of_light, 1 / 2.4) - 0.055;
}

void expect_near(const Rgb& found, const Rgb& expected, double tolerance, const char* what) {
  for (std::size_t c = 0; c < 3; ++c) EXPECT_NEAR(found[c], expected[c], tolerance) << what << " " << c;
}

TEST(ColourProfile, TellsItsModel) {
  const auto rgb = rgb_profile({}, 2.2);
  EXPECT_EQ(colour_model_of(rgb), ColourModel::kRgb);
  EXPECT_EQ(colour_model_of(grey_profile(2.2)), ColourModel::kGrey);
  EXPECT_EQ(colour_model_of(make_cmyk_profile()), ColourModel::kCmyk);
  auto lab = rgb, link = rgb;
  std::ranges::copy(bytes_of("Lab "), lab.begin() + 16);
  EXPECT_EQ(colour_model_of(lab), ColourModel::kOther);
  std::ranges::copy(bytes_of("link"), link.begin() + 12);
  EXPECT_EQ(colour_model_of(link), ColourModel::kOther);
}

TEST(ColourProfile, OfDamagedBytesIsNone) {
  EXPECT_EQ(colour_model_of({}), std::nullopt);
  EXPECT_EQ(colour_model_of(bytes_of("no profile")), std::nullopt);
  const auto icc = rgb_profile({}, 2.2);
  for (std::size_t size = 0; size < icc.size(); ++size)
    EXPECT_EQ(colour_model_of(std::span(icc).first(size)), std::nullopt) << size;
  auto longer = icc;  // as some writers fill up
  longer.resize(icc.size() + 100);
  EXPECT_EQ(colour_model_of(longer), ColourModel::kRgb);
  auto outside = icc;  // where the first tag lies
  outside[128 + 4 + 4] = std::byte{0x7f};
  EXPECT_EQ(colour_model_of(outside), std::nullopt);
  auto many_tags = icc;
  many_tags[128] = std::byte{0xff};
  EXPECT_EQ(colour_model_of(many_tags), std::nullopt);
}

TEST(ColourProfile, EveryDamagedByteIsAModelOrNone) {
  const auto icc = make_cmyk_profile();
  const std::array<std::uint8_t, 4> ink{1, 2, 3, 4};
  std::array<std::uint8_t, 3> rgb{};
  for (std::size_t i = 0; i < std::min<std::size_t>(icc.size(), 300); ++i) {
    auto damaged = icc;
    damaged[i] ^= std::byte{0xff};
    (void)colour_model_of(damaged);
    if (i % 16 == 0) CmykConverter(damaged).convert(ink.data(), rgb.data(), 1);
  }
}

TEST(ColourProfile, OfAGammaShowsItsLight) {
  for (const double exponent : {1., 1.8, 2.2, 1 / 0.45455, 0.4}) {
    const auto icc = rgb_profile({}, exponent);
    const double grey = srgb(std::pow(0.5, exponent));
    expect_near(shown(icc, {0.5, 0.5, 0.5}, TYPE_RGB_DBL), {grey, grey, grey}, 2e-3, "RGB");
    expect_near(shown(icc, {1, 0, 0}, TYPE_RGB_DBL), {1, 0, 0}, 2e-3, "red");
    expect_near(shown(grey_profile(exponent), {0.5}, TYPE_GRAY_DBL), {grey, grey, grey}, 2e-3, "grey");
  }
}

TEST(ColourProfile, OfOtherPrimariesShowsThem) {
  const Chromaticities p3{0.3127, 0.3290, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060};
  const auto icc = rgb_profile_with_srgb_curve(p3);
  expect_near(shown(icc, {0.5, 0.5, 0.5}, TYPE_RGB_DBL), {0.5, 0.5, 0.5}, 2e-3, "grey stays");
  // By the matrices of both primaries, multiplied apart from lcms.
  expect_near(shown(icc, {0.57, 0.39, 0.40}, TYPE_RGB_DBL), {0.60153, 0.38002, 0.39650}, 2e-4, "P3");
  const auto same = rgb_profile_with_srgb_curve({});
  expect_near(shown(same, {0.2, 0.5, 0.8}, TYPE_RGB_DBL), {0.2, 0.5, 0.8}, 2e-3, "sRGB is sRGB");
}

TEST(ColourProfile, OfWhatMakesNoneIsEmpty) {
  const double nan = std::nan(""), infinite = HUGE_VAL;
  for (const double exponent : {0., -1., 1e-3, 1e3, nan, infinite}) {
    EXPECT_TRUE(rgb_profile({}, exponent).empty()) << exponent;
    EXPECT_TRUE(grey_profile(exponent).empty()) << exponent;
  }
  const Chromaticities none[] = {{0, 0, 0, 0, 0, 0, 0, 0},
                                 {0.3127, 0.3290, 0.64, 0.33, 0.64, 0.33, 0.15, 0.06},  // two primaries alike
                                 {0.3127, 0.3290, 0.1, 0.1, 0.2, 0.2, 0.3, 0.3},        // on a line
                                 {0.7, 0.2, 0.64, 0.33, 0.30, 0.60, 0.15, 0.06},        // white outside
                                 {0.3127, 0, 0.64, 0.33, 0.30, 0.60, 0.15, 0.06},
                                 {0.3127, 0.3290, nan, 0.33, 0.30, 0.60, 0.15, 0.06},
                                 {0.3127, 0.3290, 0.64, infinite, 0.30, 0.60, 0.15, 0.06},
                                 {42949, 42949, 0.64, 0.33, 0.30, 0.60, 0.15, 0.06}};
  for (const auto& colours : none) {
    EXPECT_TRUE(rgb_profile(colours, 2.2).empty()) << colours.white_x << " " << colours.red_x;
    EXPECT_TRUE(rgb_profile_with_srgb_curve(colours).empty());
  }
}

TEST(ColourProfile, IsSmallAndTheSameEveryTime) {
  const auto icc = rgb_profile({}, 2.2), grey = grey_profile(2.2), pq = *profile_of_code_points(9, 16);
  EXPECT_LT(icc.size(), 700U);
  EXPECT_LT(grey.size(), 500U);
  EXPECT_LT(pq.size(), 2800U);
  // No date of now: 7.2.8 of ISO 15076-1 has it at 24.
  for (const auto& made : {icc, grey, pq}) {
    EXPECT_EQ(std::vector(made.begin() + 24, made.begin() + 36),
              bytes_of(std::string_view("\x07\xd0\0\1\0\1\0\0\0\0\0\0", 12)));
    EXPECT_EQ(made[8], std::byte{4});
  }
  char name[100] = {};
  const cmsHPROFILE profile = open(rgb_profile({}, 1 / 0.45455));
  cmsGetProfileInfoASCII(profile, cmsInfoDescription, "en", "US", name, sizeof name);
  cmsCloseProfile(profile);
  EXPECT_STREQ(name, "RGB, gamma 2.2");
}

TEST(ColourProfile, OfCodePoints) {
  // sRGB's own, also where nothing is said.
  for (const int primaries : {1, 2}) {
    for (const int transfer : {13, 2}) {
      ASSERT_TRUE(profile_of_code_points(primaries, transfer));
      EXPECT_TRUE(profile_of_code_points(primaries, transfer)->empty());
    }
  }
  for (const int primaries : {1, 2, 4, 5, 6, 7, 8, 9, 10, 11, 12, 22}) {
    for (const int transfer : {1, 4, 5, 6, 7, 8, 11, 12, 14, 15, 16, 17, 18}) {
      const auto icc = profile_of_code_points(primaries, transfer);
      ASSERT_TRUE(icc) << primaries << " " << transfer;
      EXPECT_EQ(colour_model_of(*icc), ColourModel::kRgb);
      const Rgb white = shown(*icc, {1, 1, 1}, TYPE_RGB_DBL);
      expect_near(white, {1, 1, 1}, 2e-3, "white");
    }
  }
  for (const auto& [primaries, transfer] :
       {std::pair(0, 13), {3, 13}, {13, 13}, {255, 13}, {-1, 13}, {1, 0}, {1, 3}, {1, 9}, {9, 19}, {1, 256}})
    EXPECT_FALSE(profile_of_code_points(primaries, transfer)) << primaries << " " << transfer;
}

TEST(ColourProfile, HasTheStandardsCurves) {
  EXPECT_NEAR(light(*profile_of_code_points(9, 8), 0.25), 0.25, 1e-4);
  EXPECT_NEAR(light(*profile_of_code_points(1, 1), 0.5), std::pow(0.599 / 1.099, 1 / 0.45), 1e-4);
  EXPECT_NEAR(light(*profile_of_code_points(1, 1), 0.045), 0.01, 1e-4);
  EXPECT_NEAR(light(*profile_of_code_points(1, 7), 0.5), std::pow(0.6115 / 1.1115, 1 / 0.45), 1e-4);
  // 100 cd/m2 of 10,000 are 0.5081 in PQ, 1,000 are 0.7518 (ITU-R BT.2408, table 2).
  EXPECT_NEAR(light(*profile_of_code_points(9, 16), 0.5081), 0.01, 2e-5);
  EXPECT_NEAR(light(*profile_of_code_points(9, 16), 0.7518), 0.1, 1e-4);
  EXPECT_NEAR(light(*profile_of_code_points(9, 18), 0.5), 1 / 12., 2e-5);
  // E' of HLG is 0.75 for 26.5 % of the light (BT.2408: 203 cd/m2 of 1,000).
  EXPECT_NEAR(light(*profile_of_code_points(9, 18), 0.75), 0.265, 1e-3);
}

TEST(ColourProfile, SaysItsCodePoints) {
  const cmsHPROFILE profile = open(*profile_of_code_points(9, 16));
  const auto* said = static_cast<cmsVideoSignalType*>(cmsReadTag(profile, cmsSigcicpTag));
  ASSERT_NE(said, nullptr);
  EXPECT_EQ(said->ColourPrimaries, 9);
  EXPECT_EQ(said->TransferCharacteristics, 16);
  EXPECT_EQ(said->MatrixCoefficients, 0);
  EXPECT_EQ(said->VideoFullRangeFlag, 1);
  cmsCloseProfile(profile);
}

TEST(Cmyk, WithoutAProfileIsInkLessBlack) {
  // Also with one that is none of CMYK, or is damaged.
  for (const auto& icc : {std::vector<std::byte>{}, rgb_profile({}, 2.2), bytes_of("no profile")}) {
    const CmykConverter converter(icc);
    EXPECT_FALSE(converter.uses_profile());
    const std::vector<std::uint8_t> cmyk{0, 0, 0, 0, 255, 0, 0, 0, 0, 0, 0, 255, 51, 102, 0, 128};
    std::vector<std::uint8_t> rgb(12);
    converter.convert(cmyk.data(), rgb.data(), 4);
    EXPECT_EQ(rgb, (std::vector<std::uint8_t>{255, 255, 255, 0, 255, 255, 0, 0, 0, 102, 76, 127}));
    std::vector<std::uint16_t> deep, deep_rgb(12);
    for (const std::uint8_t sample : cmyk) deep.push_back(static_cast<std::uint16_t>(sample * 257));
    converter.convert(deep.data(), deep_rgb.data(), 4);
    for (std::size_t i = 0; i < 12; ++i) EXPECT_NEAR(deep_rgb[i] / 257., rgb[i], 0.51);
  }
}

TEST(Cmyk, GoesThroughItsProfile) {
  const CmykConverter converter(make_cmyk_profile());
  ASSERT_TRUE(converter.uses_profile());
  // No ink is white, all black is black (by the black point: 0.02 would be 39), and cyan takes red.
  const std::vector<std::uint8_t> cmyk{0, 0, 0, 0, 0, 0, 0, 255, 255, 0, 0, 0};
  std::vector<std::uint8_t> rgb(9);
  converter.convert(cmyk.data(), rgb.data(), 3);
  for (int c = 0; c < 3; ++c) {
    EXPECT_GE(rgb[static_cast<std::size_t>(c)], 254) << c;
    EXPECT_LE(rgb[static_cast<std::size_t>(3 + c)], 4) << c;
  }
  EXPECT_LT(rgb[6], 120);
  EXPECT_GT(rgb[7], 240);
  std::vector<std::uint16_t> deep, deep_rgb(9);
  for (const std::uint8_t sample : cmyk) deep.push_back(static_cast<std::uint16_t>(sample * 257));
  converter.convert(deep.data(), deep_rgb.data(), 3);
  for (std::size_t i = 0; i < 9; ++i) EXPECT_NEAR(deep_rgb[i] / 257., rgb[i], 1.5) << i;
}

TEST(Cmyk, OneObjectServesSeveralThreads) {
  const CmykConverter converter(make_cmyk_profile());
  std::vector<std::uint8_t> cmyk(4 * 50'000);
  for (std::size_t i = 0; i < cmyk.size(); ++i) cmyk[i] = static_cast<std::uint8_t>(i * 2654435761U >> 13);
  const std::size_t pixels = cmyk.size() / 4;
  std::vector<std::uint8_t> alone(3 * pixels), first(3 * pixels), second(3 * pixels);
  converter.convert(cmyk.data(), alone.data(), pixels);
  std::thread other([&] { converter.convert(cmyk.data(), first.data(), pixels); });
  converter.convert(cmyk.data(), second.data(), pixels);
  other.join();
  EXPECT_EQ(first, alone);
  EXPECT_EQ(second, alone);
}

}  // namespace
}  // namespace vaec::image
