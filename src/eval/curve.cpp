#include "eval/curve.hpp"

#include "eval/ms_ssim.hpp"

namespace vaec::eval {

const char* name_of(Metric metric) { return metric == Metric::kPsnr ? "PSNR" : "MS-SSIM"; }

double decibels(const CurvePoint& point, Metric metric) {
  return metric == Metric::kPsnr ? point.psnr : ms_ssim_decibels(point.ms_ssim);
}

void average(CurvePoint& point) {
  point.bpp = point.psnr = point.ms_ssim = point.encode_seconds = point.decode_seconds = 0;
  for (const ImageResult& image : point.images) {
    point.bpp += image.bpp;
    point.psnr += image.psnr;
    point.ms_ssim += image.ms_ssim;
    point.encode_seconds += image.encode_seconds;
    point.decode_seconds += image.decode_seconds;
  }
  const auto count = static_cast<double>(point.images.size());
  point.bpp /= count;
  point.psnr /= count;
  point.ms_ssim /= count;
}

}  // namespace vaec::eval
