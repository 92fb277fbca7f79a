#include "eval/curve.hpp"

#include <cmath>
#include <limits>

#include "eval/ms_ssim.hpp"

namespace vaec::eval {

const char* name_of(Metric metric) {
  constexpr const char* kNames[] = {"PSNR", "MS-SSIM", "SSIMULACRA2", "Butteraugli"};
  return kNames[static_cast<int>(metric)];
}

double value_of(const CurvePoint& point, Metric metric) {
  switch (metric) {
    case Metric::kPsnr:
      return point.psnr;
    case Metric::kMsSsim:
      return ms_ssim_decibels(point.ms_ssim);
    case Metric::kSsimulacra2:
      return point.ssimulacra2;
    case Metric::kButteraugli:
      return -point.butteraugli;
  }
  return kNone;
}

const char* unit_of(Metric metric) {
  return metric == Metric::kPsnr || metric == Metric::kMsSsim ? "dB" : "";
}

void average(CurvePoint& point) {
  point.bpp = point.psnr = point.ms_ssim = point.ssimulacra2 = point.butteraugli = 0;
  point.encode_seconds = point.decode_seconds = 0;
  point.exact = 0;
  for (const ImageResult& image : point.images) {
    point.bpp += image.bpp;
    const bool is_exact = std::isinf(image.psnr);
    point.exact += is_exact ? 1 : 0;
    point.psnr += is_exact ? 0 : image.psnr;
    point.ms_ssim += image.ms_ssim;
    point.ssimulacra2 += image.ssimulacra2;
    point.butteraugli += image.butteraugli;
    point.encode_seconds += image.encode_seconds;
    point.decode_seconds += image.decode_seconds;
  }
  const auto count = static_cast<double>(point.images.size());
  point.bpp /= count;
  const auto others = point.images.size() - point.exact;
  point.psnr = others > 0 || point.exact == 0 ? point.psnr / static_cast<double>(others)
                                              : std::numeric_limits<double>::infinity();
  point.ms_ssim /= count;
  point.ssimulacra2 /= count;
  point.butteraugli /= count;
}

}  // namespace vaec::eval
