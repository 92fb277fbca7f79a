#include "image/metadata/colour_profile.hpp"

#include "image/metadata/make_profile.hpp"

namespace vaec::image {
namespace {

ColourModel model_of(cmsHPROFILE profile) {
  switch (cmsGetDeviceClass(profile)) {
    case cmsSigInputClass:
    case cmsSigDisplayClass:
    case cmsSigOutputClass:
    case cmsSigColorSpaceClass:
      break;
    default:
      return ColourModel::kOther;  // links, effects, named colours: no picture's
  }
  switch (cmsGetColorSpace(profile)) {
    case cmsSigGrayData:
      return ColourModel::kGrey;
    case cmsSigRgbData:
      return ColourModel::kRgb;
    case cmsSigCmykData:
      return ColourModel::kCmyk;
    default:
      return ColourModel::kOther;
  }
}

const char* in_words(ColourModel model) {
  switch (model) {
    case ColourModel::kGrey:
      return "grey";
    case ColourModel::kRgb:
      return "RGB";
    case ColourModel::kCmyk:
      return "CMYK";
    case ColourModel::kOther:
      break;
  }
  return "another kind";
}

}  // namespace

std::optional<ColourModel> colour_model_of(std::span<const std::byte> icc) {
  const LcmsContext context = make_lcms_context();
  const Profile profile = open_profile(context.get(), icc);
  if (!profile) return std::nullopt;
  return model_of(profile.get());
}

std::optional<std::string> profile_fault(std::span<const std::byte> icc, ColourModel picture) {
  const auto model = colour_model_of(icc);
  if (!model) return kDamagedProfile;
  if (*model == picture) return std::nullopt;
  return std::string("its colour profile (ICC) is of ") + in_words(*model) + ", the picture " +
         in_words(picture) + ": left out";
}

std::vector<std::byte> rgb_profile(const Chromaticities& colours, double exponent) {
  const LcmsContext context = make_lcms_context();
  const ToneCurve curve = power_curve(context.get(), exponent);
  return make_rgb_profile(context.get(), colours, curve.get(), "RGB, gamma " + in_words(exponent));
}

std::vector<std::byte> grey_profile(double exponent) {
  const LcmsContext context = make_lcms_context();
  const ToneCurve curve = power_curve(context.get(), exponent);
  return make_grey_profile(context.get(), curve.get(), "Grey, gamma " + in_words(exponent));
}

std::vector<std::byte> rgb_profile_with_srgb_curve(const Chromaticities& colours) {
  const LcmsContext context = make_lcms_context();
  const ToneCurve curve = srgb_curve(context.get());
  return make_rgb_profile(context.get(), colours, curve.get(), "RGB, sRGB curve");
}

}  // namespace vaec::image
