#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

#include "image/metadata/colour_profile.hpp"
#include "image/metadata/lcms.hpp"

namespace vaec::image {
namespace {

template <typename Sample>
void convert_plainly(const Sample* cmyk, Sample* rgb, std::size_t pixels) {
  constexpr std::uint64_t kWhite = static_cast<Sample>(~Sample{0});
  for (std::size_t i = 0; i < pixels; ++i) {
    for (std::size_t c = 0; c < 3; ++c)
      rgb[3 * i + c] = static_cast<Sample>(
          ((kWhite - cmyk[4 * i + c]) * (kWhite - cmyk[4 * i + 3]) + kWhite / 2) / kWhite);
  }
}

}  // namespace

// Of 16 bits alone: lcms takes some 40 ms to make one, and would work with 16 bits anyway.
class CmykConverter::Transforms {
 public:
  explicit Transforms(std::span<const std::byte> icc) : context_(make_lcms_context()) {
    const Profile cmyk = open_profile(context_.get(), icc), srgb(cmsCreate_sRGBProfileTHR(context_.get()));
    if (!cmyk || !srgb) return;
    // Without the cache of the last pixel threads can share it.
    transform_.reset(cmsCreateTransformTHR(context_.get(), cmyk.get(), TYPE_CMYK_16, srgb.get(), TYPE_RGB_16,
                                           INTENT_RELATIVE_COLORIMETRIC,
                                           cmsFLAGS_BLACKPOINTCOMPENSATION | cmsFLAGS_NOCACHE));
  }

  [[nodiscard]] bool has_been_made() const { return transform_ != nullptr; }

  void convert(const std::uint16_t* cmyk, std::uint16_t* rgb, std::size_t pixels) const {
    constexpr std::size_t kMost = std::size_t{1} << 20;  // lcms counts in 32 bits
    for (std::size_t done = 0; done < pixels; done += kMost) {
      cmsDoTransform(transform_.get(), cmyk + 4 * done, rgb + 3 * done,
                     static_cast<cmsUInt32Number>(std::min(kMost, pixels - done)));
    }
  }

  void convert(const std::uint8_t* cmyk, std::uint8_t* rgb, std::size_t pixels) const {
    constexpr std::size_t kSome = 256;
    std::array<std::uint16_t, 4 * kSome> from{};
    std::array<std::uint16_t, 3 * kSome> to{};
    for (std::size_t done = 0; done < pixels; done += kSome) {
      const std::size_t count = std::min(kSome, pixels - done);
      for (std::size_t i = 0; i < 4 * count; ++i)
        from[i] = static_cast<std::uint16_t>(cmyk[4 * done + i] * 257);
      convert(from.data(), to.data(), count);
      for (std::size_t i = 0; i < 3 * count; ++i)
        rgb[3 * done + i] = static_cast<std::uint8_t>((to[i] + 128) / 257);
    }
  }

 private:
  LcmsContext context_;
  Transform transform_;
};

CmykConverter::CmykConverter(std::span<const std::byte> icc) {
  auto fault = icc.empty() ? std::nullopt : profile_fault(icc, ColourModel::kCmyk);
  if (!icc.empty() && !fault) {
    auto transforms = std::make_unique<Transforms>(icc);
    if (transforms->has_been_made()) {
      transforms_ = std::move(transforms);
    } else {
      fault = kDamagedProfile;
    }
  }
  if (fault) notes_.push_back(std::move(*fault));
  notes_.emplace_back(uses_profile() ? "CMYK, converted to sRGB with its profile"
                                     : "CMYK, converted to sRGB without a profile: by R = (1 - C)(1 - K)");
}

CmykConverter::~CmykConverter() = default;

void CmykConverter::convert(const std::uint8_t* cmyk, std::uint8_t* rgb, std::size_t pixels) const {
  if (transforms_) {
    transforms_->convert(cmyk, rgb, pixels);
  } else {
    convert_plainly(cmyk, rgb, pixels);
  }
}

void CmykConverter::convert(const std::uint16_t* cmyk, std::uint16_t* rgb, std::size_t pixels) const {
  if (transforms_) {
    transforms_->convert(cmyk, rgb, pixels);
  } else {
    convert_plainly(cmyk, rgb, pixels);
  }
}

}  // namespace vaec::image
