#include "eval/results.hpp"

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
  try {
    result.ms_ssim = bd_rate(anchor.points, test.points, Metric::kMsSsim);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kUnreadable) throw;
  }
  result.per_image_psnr = per_image_bd_rate(anchor, test, Metric::kPsnr);
  result.per_image_ms_ssim = per_image_bd_rate(anchor, test, Metric::kMsSsim);
  return result;
}

}  // namespace vaec::eval
