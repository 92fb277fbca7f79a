// Bjontegaard's average rate difference (VCEG-M33), with PCHIP interpolation as JCT-VC uses it.
#pragma once

#include <vector>

#include "eval/curve.hpp"

namespace vaec::eval {

struct BdRate {
  double percent = 0;  // of rate that `test` needs more than `anchor` at equal quality: -30 is 30% less
  double low = 0,
         high = 0;  // of the metric: the interval that both curves cover, over which this is the mean
};

// log(rate) is interpolated over the metric (value_of()). Points at which it does not rise with the rate are left
// out. Throws Error kUnreadable if a curve has fewer than 2 usable points or the curves have nothing of it in common.
[[nodiscard]] BdRate bd_rate(const std::vector<CurvePoint>& anchor, const std::vector<CurvePoint>& test,
                             Metric metric = Metric::kPsnr);

}  // namespace vaec::eval
