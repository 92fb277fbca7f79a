// Colour profiles (ISO 15076-1), through Little CMS.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace vaec::image {

enum class ColourModel { kGrey, kRgb, kCmyk, kOther };

// Of a picture with so many channels of colour.
[[nodiscard]] constexpr ColourModel model_of(std::uint32_t channels) {
  return channels == 1 ? ColourModel::kGrey : ColourModel::kRgb;
}

// Of a profile's samples; nothing for one that is damaged.
[[nodiscard]] std::optional<ColourModel> colour_model_of(std::span<const std::byte> icc);

inline constexpr const char* kDamagedProfile = "its colour profile (ICC) is damaged: left out";
// Why a picture of that model goes without the profile, as a note; nothing for one that fits.
[[nodiscard]] std::optional<std::string> profile_fault(std::span<const std::byte> icc, ColourModel picture);

// CIE xy of the white point and of the primaries.
struct Chromaticities {
  double white_x = 0.3127, white_y = 0.3290;  // sRGB's
  double red_x = 0.64, red_y = 0.33, green_x = 0.30, green_y = 0.60, blue_x = 0.15, blue_y = 0.06;
};

// Profiles of samples whose light is their `exponent`-th power (2.2 for PNG's gAMA of 1/2.2). Empty for
// values that make none.
[[nodiscard]] std::vector<std::byte> rgb_profile(const Chromaticities& colours, double exponent);
[[nodiscard]] std::vector<std::byte> grey_profile(double exponent);
// sRGB's curve with other primaries.
[[nodiscard]] std::vector<std::byte> rgb_profile_with_srgb_curve(const Chromaticities& colours);

// Of ITU-T H.273's code points of primaries and transfer function, as PNG's cICP and HEIF's nclx have them.
// Empty for sRGB's own, which need none; nothing for those that no profile can be made of.
[[nodiscard]] std::optional<std::vector<std::byte>> profile_of_code_points(int primaries, int transfer);

// CMYK samples (0: no ink) to sRGB's: through their profile with relative colorimetric intent and black point
// compensation, or, without a profile or with one that is none of CMYK, each colour as white less its ink
// less black: R = (1 - C) * (1 - K).
class CmykConverter {
 public:
  explicit CmykConverter(std::span<const std::byte> icc);
  ~CmykConverter();
  CmykConverter(const CmykConverter&) = delete;
  CmykConverter& operator=(const CmykConverter&) = delete;

  [[nodiscard]] bool uses_profile() const { return transforms_ != nullptr; }
  // What becomes of the colours, and of a profile that cannot be used.
  [[nodiscard]] const std::vector<std::string>& notes() const { return notes_; }
  // `pixels` of four samples to as many of three.
  void convert(const std::uint8_t* cmyk, std::uint8_t* rgb, std::size_t pixels) const;
  void convert(const std::uint16_t* cmyk, std::uint16_t* rgb, std::size_t pixels) const;

 private:
  class Transforms;
  std::unique_ptr<Transforms> transforms_;
  std::vector<std::string> notes_;
};

}  // namespace vaec::image
