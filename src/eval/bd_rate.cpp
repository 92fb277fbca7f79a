#include "eval/bd_rate.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "eval/pchip.hpp"
#include "vaec/error.hpp"

namespace vaec::eval {
namespace {

struct LogRateOverValue {
  std::vector<double> values, log_rate;
};

LogRateOverValue monotone(std::vector<CurvePoint> points, Metric metric, const std::string& name) {
  std::sort(points.begin(), points.end(), [](const auto& a, const auto& b) { return a.bpp < b.bpp; });
  LogRateOverValue curve;
  for (const CurvePoint& point : points) {
    const double value = value_of(point, metric);
    if (!(point.bpp > 0) || !std::isfinite(value)) continue;
    if (!curve.values.empty() && value <= curve.values.back()) continue;
    curve.values.push_back(value);
    curve.log_rate.push_back(std::log(point.bpp));
  }
  if (curve.values.size() < 2) {
    throw Error(ErrorCode::kUnreadable, "BD-rate: " + name + " has " + std::to_string(curve.values.size()) +
                                            " usable points of " + name_of(metric) + ", 2 are needed");
  }
  return curve;
}

}  // namespace

BdRate bd_rate(const std::vector<CurvePoint>& anchor, const std::vector<CurvePoint>& test, Metric metric) {
  LogRateOverValue a = monotone(anchor, metric, "the anchor's curve");
  LogRateOverValue b = monotone(test, metric, "the tested curve");
  BdRate result;
  result.low = std::max(a.values.front(), b.values.front());
  result.high = std::min(a.values.back(), b.values.back());
  if (!(result.low < result.high)) {
    throw Error(ErrorCode::kUnreadable,
                std::string("BD-rate: the curves have no ") + name_of(metric) + " in common");
  }
  const Pchip anchor_rate(std::move(a.values), std::move(a.log_rate));
  const Pchip test_rate(std::move(b.values), std::move(b.log_rate));
  const double difference =
      test_rate.integral(result.low, result.high) - anchor_rate.integral(result.low, result.high);
  result.percent = 100 * (std::exp(difference / (result.high - result.low)) - 1);
  return result;
}

}  // namespace vaec::eval
