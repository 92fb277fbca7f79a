#include "eval/bd_rate.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "eval/pchip.hpp"
#include "vaec/error.hpp"

namespace vaec::eval {
namespace {

struct LogRateOverDecibels {
  std::vector<double> decibels, log_rate;
};

LogRateOverDecibels monotone(std::vector<CurvePoint> points, Metric metric, const std::string& name) {
  std::sort(points.begin(), points.end(), [](const auto& a, const auto& b) { return a.bpp < b.bpp; });
  LogRateOverDecibels curve;
  for (const CurvePoint& point : points) {
    const double value = decibels(point, metric);
    if (!(point.bpp > 0) || !std::isfinite(value)) continue;
    if (!curve.decibels.empty() && value <= curve.decibels.back()) continue;
    curve.decibels.push_back(value);
    curve.log_rate.push_back(std::log(point.bpp));
  }
  if (curve.decibels.size() < 2) {
    throw Error(ErrorCode::kUnreadable, "BD-rate: " + name + " has " + std::to_string(curve.decibels.size()) +
                                            " usable points of " + name_of(metric) + ", 2 are needed");
  }
  return curve;
}

}  // namespace

BdRate bd_rate(const std::vector<CurvePoint>& anchor, const std::vector<CurvePoint>& test, Metric metric) {
  LogRateOverDecibels a = monotone(anchor, metric, "the anchor's curve");
  LogRateOverDecibels b = monotone(test, metric, "the tested curve");
  BdRate result;
  result.low = std::max(a.decibels.front(), b.decibels.front());
  result.high = std::min(a.decibels.back(), b.decibels.back());
  if (!(result.low < result.high)) {
    throw Error(ErrorCode::kUnreadable,
                std::string("BD-rate: the curves have no ") + name_of(metric) + " in common");
  }
  const Pchip anchor_rate(std::move(a.decibels), std::move(a.log_rate));
  const Pchip test_rate(std::move(b.decibels), std::move(b.log_rate));
  const double difference =
      test_rate.integral(result.low, result.high) - anchor_rate.integral(result.low, result.high);
  result.percent = 100 * (std::exp(difference / (result.high - result.low)) - 1);
  return result;
}

}  // namespace vaec::eval
