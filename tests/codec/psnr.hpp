// How far a picture that came back is from the one that went in.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "vaec/image.hpp"

namespace vaec::codec {

// In dB, over all samples of colour; 16 bits count as 8 do.
inline double psnr(const Image& a, const Image& b) {
  double sum = 0, count = 0;
  const auto add = [&](const auto& x, const auto& y, double unit) {
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double d = (static_cast<double>(x[i]) - static_cast<double>(y.at(i))) / unit;
      sum += d * d;
      ++count;
    }
  };
  add(a.samples, b.samples, 1);
  add(a.samples16, b.samples16, 257);
  return 10 * std::log10(255.0 * 255 * count / std::max(sum, 1e-9));
}

}  // namespace vaec::codec
