#include "eval/bd_rate.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "eval/pchip.hpp"
#include "vaec/error.hpp"

namespace vaec::eval {
namespace {

struct LogRateOverPsnr {
  std::vector<double> psnr, log_rate;
};

LogRateOverPsnr monotone(std::vector<CurvePoint> points, const std::string& name) {
  std::sort(points.begin(), points.end(), [](const auto& a, const auto& b) { return a.bpp < b.bpp; });
  LogRateOverPsnr curve;
  for (const CurvePoint& point : points) {
    if (!(point.bpp > 0) || !std::isfinite(point.psnr)) continue;
    if (!curve.psnr.empty() && point.psnr <= curve.psnr.back()) continue;
    curve.psnr.push_back(point.psnr);
    curve.log_rate.push_back(std::log(point.bpp));
  }
  if (curve.psnr.size() < 2) {
    throw Error(ErrorCode::kUnreadable, "BD-rate: " + name + " has " + std::to_string(curve.psnr.size()) +
                                            " usable points, 2 are needed");
  }
  return curve;
}

}  // namespace

BdRate bd_rate(const std::vector<CurvePoint>& anchor, const std::vector<CurvePoint>& test) {
  LogRateOverPsnr a = monotone(anchor, "the anchor's curve"), b = monotone(test, "the tested curve");
  BdRate result;
  result.psnr_low = std::max(a.psnr.front(), b.psnr.front());
  result.psnr_high = std::min(a.psnr.back(), b.psnr.back());
  if (!(result.psnr_low < result.psnr_high)) {
    throw Error(ErrorCode::kUnreadable, "BD-rate: the curves have no PSNR in common");
  }
  const Pchip anchor_rate(std::move(a.psnr), std::move(a.log_rate));
  const Pchip test_rate(std::move(b.psnr), std::move(b.log_rate));
  const double difference = test_rate.integral(result.psnr_low, result.psnr_high) -
                            anchor_rate.integral(result.psnr_low, result.psnr_high);
  result.percent = 100 * (std::exp(difference / (result.psnr_high - result.psnr_low)) - 1);
  return result;
}

}  // namespace vaec::eval
