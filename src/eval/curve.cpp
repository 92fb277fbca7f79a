#include "eval/curve.hpp"

namespace vaec::eval {

void average(CurvePoint& point) {
  point.bpp = point.psnr = 0;
  for (const ImageResult& image : point.images) {
    point.bpp += image.bpp;
    point.psnr += image.psnr;
  }
  const auto count = static_cast<double>(point.images.size());
  point.bpp /= count;
  point.psnr /= count;
}

}  // namespace vaec::eval
