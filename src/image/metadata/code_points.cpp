// ITU-T H.273's colour primaries (table 2) and transfer characteristics (table 3).
#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include "image/metadata/make_profile.hpp"

namespace vaec::image {
namespace {

constexpr int kUnspecified = 2, kSrgbPrimaries = 1, kSrgbTransfer = 13, kPq = 16, kHlg = 18;

std::optional<Chromaticities> primaries_of(int code_point) {
  switch (code_point) {
    case kSrgbPrimaries:
      return Chromaticities{};
    case 4:  // BT.470 M
      return Chromaticities{0.310, 0.316, 0.67, 0.33, 0.21, 0.71, 0.14, 0.08};
    case 5:  // BT.470 BG
      return Chromaticities{0.3127, 0.3290, 0.64, 0.33, 0.29, 0.60, 0.15, 0.06};
    case 6:  // BT.601, SMPTE ST 170
    case 7:  // SMPTE ST 240
      return Chromaticities{0.3127, 0.3290, 0.630, 0.340, 0.310, 0.595, 0.155, 0.070};
    case 8:  // film with illuminant C
      return Chromaticities{0.310, 0.316, 0.681, 0.319, 0.243, 0.692, 0.145, 0.049};
    case 9:  // BT.2020
      return Chromaticities{0.3127, 0.3290, 0.708, 0.292, 0.170, 0.797, 0.131, 0.046};
    case 10:  // SMPTE ST 428-1: CIE XYZ
      return Chromaticities{1 / 3., 1 / 3., 1, 0, 0, 1, 0, 0};
    case 11:  // SMPTE RP 431-2: DCI-P3
      return Chromaticities{0.314, 0.351, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060};
    case 12:  // SMPTE EG 432-1: Display P3
      return Chromaticities{0.3127, 0.3290, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060};
    case 22:  // EBU Tech 3213
      return Chromaticities{0.3127, 0.3290, 0.630, 0.340, 0.295, 0.605, 0.155, 0.077};
    default:
      return std::nullopt;
  }
}

// SMPTE ST 2084, light as a part of 10,000 cd/m2.
double pq_light(double signal) {
  constexpr double kM1 = 2610. / 16384, kM2 = 2523. / 4096 * 128, kC1 = 3424. / 4096, kC2 = 2413. / 4096 * 32,
                   kC3 = 2392. / 4096 * 32;
  const double power = std::pow(signal, 1 / kM2);
  return std::pow(std::max(power - kC1, 0.) / (kC2 - kC3 * power), 1 / kM1);
}

// ARIB STD-B67, light of the scene as a part of the brightest.
double hlg_light(double signal) {
  constexpr double kA = 0.17883277, kB = 1 - 4 * kA, kC = 0.55991073;
  return signal <= 0.5 ? signal * signal / 3 : (std::exp((signal - kC) / kA) + kB) / 12;
}

// So large that no value of the curve is off by more than a step of the table's own 16 bits.
ToneCurve table_curve(cmsContext context, double (*light)(double)) {
  constexpr std::size_t kSize = 1024;
  std::array<cmsUInt16Number, kSize> table{};
  for (std::size_t i = 0; i < kSize; ++i) {
    const double signal = static_cast<double>(i) / (kSize - 1);
    table[i] = static_cast<cmsUInt16Number>(std::lround(std::min(light(signal), 1.) * 65535));
  }
  return ToneCurve(cmsBuildTabulatedToneCurve16(context, kSize, table.data()));
}

// ((v + offset) / (1 + offset)) ^ (1 / 0.45), below `end` v / slope.
ToneCurve video_curve(cmsContext context, double offset, double slope, double end) {
  const double parameters[] = {1 / 0.45, 1 / (1 + offset), offset / (1 + offset), 1 / slope, end};
  return ToneCurve(cmsBuildParametricToneCurve(context, 4, parameters));
}

ToneCurve transfer_of(cmsContext context, int code_point) {
  switch (code_point) {
    case 1:   // BT.709
    case 6:   // BT.601
    case 11:  // xvYCC, the same within 0..1
    case 12:  // BT.1361, likewise
    case 14:  // BT.2020
    case 15:
      return video_curve(context, 0.099, 4.5, 0.081);
    case 4:
      return power_curve(context, 2.2);
    case 5:
      return power_curve(context, 2.8);
    case 7:  // SMPTE ST 240
      return video_curve(context, 0.1115, 4, 0.0912);
    case 8:
      return power_curve(context, 1);
    case kSrgbTransfer:
      return srgb_curve(context);
    case kPq:
      return table_curve(context, pq_light);
    case 17:  // SMPTE ST 428-1, white being the brightest
      return power_curve(context, 2.6);
    case kHlg:
      return table_curve(context, hlg_light);
    default:
      return nullptr;
  }
}

}  // namespace

std::optional<std::vector<std::byte>> profile_of_code_points(int primaries, int transfer) {
  if (primaries == kUnspecified) primaries = kSrgbPrimaries;
  if (transfer == kUnspecified) transfer = kSrgbTransfer;
  if (primaries == kSrgbPrimaries && transfer == kSrgbTransfer) return std::vector<std::byte>{};
  const auto colours = primaries_of(primaries);
  if (!colours) return std::nullopt;
  const LcmsContext context = make_lcms_context();
  const ToneCurve curve = transfer_of(context.get(), transfer);
  auto icc = make_rgb_profile(context.get(), *colours, curve.get(),
                              "CICP " + std::to_string(primaries) + "/" + std::to_string(transfer),
                              {primaries, transfer});
  if (icc.empty()) return std::nullopt;
  return icc;
}

}  // namespace vaec::image
