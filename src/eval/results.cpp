#include "eval/results.hpp"

#include <utility>

#include "vaec/error.hpp"

namespace vaec::eval {

Comparison compare(const std::string& name, const Curve& anchor, const Curve& test) {
  Comparison result;
  result.against = name;
  try {
    result.psnr = bd_rate(anchor.points, test.points, Metric::kPsnr);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kUnreadable) throw;
    result.why_no_psnr = error.what();
  }
  for (const auto& [metric, rate] :
       {std::pair(Metric::kMsSsim, &result.ms_ssim), std::pair(Metric::kSsimulacra2, &result.ssimulacra2)}) {
    try {
      *rate = bd_rate(anchor.points, test.points, metric);
    } catch (const Error& error) {
      if (error.code() != ErrorCode::kUnreadable) throw;
    }
  }
  result.per_image_psnr = per_image_bd_rate(anchor, test, Metric::kPsnr);
  result.per_image_ms_ssim = per_image_bd_rate(anchor, test, Metric::kMsSsim);
  result.per_image_ssimulacra2 = per_image_bd_rate(anchor, test, Metric::kSsimulacra2);
  return result;
}

}  // namespace vaec::eval
