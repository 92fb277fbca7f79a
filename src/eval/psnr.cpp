#include "eval/psnr.hpp"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>

#include "vaec/error.hpp"

namespace vaec::eval {

double psnr(const Image& a, const Image& b) {
  if (a.width != b.width || a.height != b.height || a.channels != b.channels) {
    throw Error(ErrorCode::kInternal, "psnr: the pictures differ in size or channels");
  }
  std::uint64_t squared_error = 0;
  for (std::size_t i = 0; i < a.samples.size(); ++i) {
    const int difference = a.samples[i] - b.samples[i];
    squared_error += static_cast<std::uint64_t>(difference * difference);
  }
  if (squared_error == 0) return std::numeric_limits<double>::infinity();
  constexpr double kPeak = 255;
  const double mean = static_cast<double>(squared_error) / static_cast<double>(a.samples.size());
  return 10 * std::log10(kPeak * kPeak / mean);
}

}  // namespace vaec::eval
