// A Gaussian window of sigma 1.5, recursively: Charalampidis, "Recursive implementation of the Gaussian filter using
// truncated cosine functions" (2016). Each of three cosines of a period of 20 / k samples, k = 1, 3, 5, is made of the two
// values before it and of the samples that come in and go out, 5 before and after the middle.
//
// Nine taps would be the same but for rounding. But the recursion's rounding, which never dies away, is part of what
// SSIMULACRA2 is defined by: it moves its scores by up to a point, and so is done here in the order of libjxl's.
#pragma once

#include <array>
#include <cstddef>
#include <vector>

namespace vaec::eval {

inline constexpr std::size_t kGaussianRadius = 5;
// Those nine taps, from the middle on.
inline constexpr std::array<double, 5> kGaussianTaps = {0.264621105, 0.212928592, 0.109335373, 0.0360111147,
                                                        0.00941436781};

// Along a row; zeros beyond it.
void blur_row(const float* in, std::size_t width, float* out);

// Down the columns of rows that come one after the other, from the top; zeros beyond them.
class ColumnBlur {
 public:
  explicit ColumnBlur(std::size_t width);

  // Takes in the next row, or nullptr below the last one, and gives the row that is 4 above it, valid until the next
  // call. The first four calls give none that means anything.
  const float* push(const float* row);

 private:
  static constexpr std::size_t kRows = 2 * kGaussianRadius;
  std::size_t width_, taken_ = 0;
  std::vector<float> zeros_, total_;
  std::vector<float> rows_;                          // the last ten, in a ring
  std::array<std::vector<float>, 3> last_, before_;  // of each cosine
};

}  // namespace vaec::eval
