#include "eval/results.hpp"

#include "vaec/error.hpp"

namespace vaec::eval {

Comparison compare(const std::string& name, const Curve& anchor, const Curve& test) {
  Comparison result;
  result.against = name;
  for (const Metric metric : kMetrics) {
    OfMetric& found = result.by_metric[static_cast<std::size_t>(metric)];
    try {
      found.rate = bd_rate(anchor.points, test.points, metric);
    } catch (const Error& error) {
      if (error.code() != ErrorCode::kUnreadable) throw;
      found.why_no_rate = error.what();
    }
    try {
      found.per_image = per_image_bd_rate(anchor, test, metric);
    } catch (const Error& error) {
      if (error.code() != ErrorCode::kUnreadable) throw;
      result.why_no_per_image = error.what();
    }
  }
  return result;
}

}  // namespace vaec::eval
