// BD-rates picture by picture. An averaged curve rewards equal bits for all pictures;
// their own curves do not.
#pragma once

#include <cstddef>
#include <optional>

#include "eval/curve.hpp"

namespace vaec::eval {

struct PerImage {
  double percent = 0;      // mean of per-picture BD-rates
  std::size_t images = 0;  // in both curves, with a BD-rate
};

// Curves of the same pictures in the same order, as of one run, are compared place by place. Else pictures are the same if
// their names without the extension are, or if those end in the same number and each such number is one picture's only
// (kodim01.png and 1.png). Nothing if the curves share no picture. Throws Error kUnreadable: in one of them two pictures
// have the same name.
[[nodiscard]] std::optional<PerImage> per_image_bd_rate(const Curve& anchor, const Curve& test,
                                                        Metric metric);

}  // namespace vaec::eval
