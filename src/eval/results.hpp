// All that one run of `vaec evaluate` finds out.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "eval/bd_rate.hpp"
#include "eval/curve.hpp"
#include "eval/per_image.hpp"

namespace vaec::eval {

// Nothing: the curves do not allow it.
struct OfMetric {
  std::optional<BdRate> rate;
  std::optional<PerImage> per_image;
  std::string why_no_rate = {};  // what bd_rate() says of that
};

struct Comparison {
  std::string against;
  std::array<OfMetric, kMetrics.size()> by_metric;
  std::string why_no_per_image;  // in one of the curves pictures cannot be told apart

  [[nodiscard]] const OfMetric& by(Metric metric) const {
    return by_metric[static_cast<std::size_t>(metric)];
  }
};

// BD-rates of `test` against `anchor`, which is called `name`.
// Never throws for curves that do not allow them.
[[nodiscard]] Comparison compare(const std::string& name, const Curve& anchor, const Curve& test);

struct Results {
  Curve curve;
  std::vector<Curve> anchors;  // measured in the same run
  std::vector<Comparison> comparisons;
};

}  // namespace vaec::eval
