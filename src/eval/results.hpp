// All that one run of `vaec evaluate` finds out.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "eval/bd_rate.hpp"
#include "eval/curve.hpp"
#include "eval/per_image.hpp"

namespace vaec::eval {

struct Comparison {
  std::string against;
  std::optional<BdRate> psnr, ms_ssim, ssimulacra2;  // nothing: the curves do not allow it
  std::optional<PerImage> per_image_psnr, per_image_ms_ssim, per_image_ssimulacra2;
  std::string why_no_psnr;  // what bd_rate() says of that
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
