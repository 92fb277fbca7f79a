#include "image/metadata/colour_profile.hpp"

namespace vaec::image {

std::optional<ColourModel> colour_model_of(std::span<const std::byte>) { return std::nullopt; }
std::vector<std::byte> rgb_profile(const Chromaticities&, double) { return {}; }
std::vector<std::byte> grey_profile(double) { return {}; }
std::vector<std::byte> rgb_profile_with_srgb_curve(const Chromaticities&) { return {}; }
std::optional<std::vector<std::byte>> profile_of_code_points(int, int) { return std::nullopt; }

class CmykConverter::Transforms {};
CmykConverter::CmykConverter(std::span<const std::byte>) {}
CmykConverter::~CmykConverter() = default;
bool CmykConverter::uses_profile() const { return false; }
namespace {
template <typename Sample>
void invert(const Sample* cmyk, Sample* rgb, std::size_t pixels) {
  constexpr std::uint64_t kWhite = static_cast<Sample>(~Sample{0});
  for (std::size_t i = 0; i < pixels; ++i) {
    for (std::size_t c = 0; c < 3; ++c)
      rgb[3 * i + c] = static_cast<Sample>(
          ((kWhite - cmyk[4 * i + c]) * (kWhite - cmyk[4 * i + 3]) + kWhite / 2) / kWhite);
  }
}
}  // namespace
void CmykConverter::convert(const std::uint8_t* cmyk, std::uint8_t* rgb, std::size_t pixels) const {
  invert(cmyk, rgb, pixels);
}
void CmykConverter::convert(const std::uint16_t* cmyk, std::uint16_t* rgb, std::size_t pixels) const {
  invert(cmyk, rgb, pixels);
}

}  // namespace vaec::image
