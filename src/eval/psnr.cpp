#include "eval/psnr.hpp"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "vaec/error.hpp"

namespace vaec::eval {

namespace {

template <typename Sample>
double psnr_of(const std::vector<Sample>& a, const std::vector<Sample>& b, const std::vector<Sample>& alpha,
               std::uint32_t channels) {
  std::uint64_t squared_error = 0, count = a.size();
  if (alpha.empty()) {
    for (std::size_t i = 0; i < a.size(); ++i) {
      const std::int64_t difference = a[i] - b[i];
      squared_error += static_cast<std::uint64_t>(difference * difference);
    }
  } else {
    count = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
      if (alpha[i / channels] == 0) continue;
      ++count;
      const std::int64_t difference = a[i] - b[i];
      squared_error += static_cast<std::uint64_t>(difference * difference);
    }
  }
  if (squared_error == 0) return std::numeric_limits<double>::infinity();
  constexpr double kPeak = std::numeric_limits<Sample>::max();
  const double mean = static_cast<double>(squared_error) / static_cast<double>(count);
  return 10 * std::log10(kPeak * kPeak / mean);
}

}  // namespace

double psnr(const Image& a, const Image& b) {
  if (a.width != b.width || a.height != b.height || a.channels != b.channels || a.bit_depth != b.bit_depth) {
    throw Error(ErrorCode::kInternal, "psnr: the pictures differ in size, channels or depth");
  }
  return a.bit_depth == 16 ? psnr_of(a.samples16, b.samples16, a.alpha16, a.channels)
                           : psnr_of(a.samples, b.samples, a.alpha, a.channels);
}

}  // namespace vaec::eval
