// What rows of samples and of indices (entropy/plane_coder.hpp) share: how they ask whether something comes again.
#pragma once

#include <array>
#include <cstddef>

#include "entropy/adaptive.hpp"

namespace vaec::entropy {

inline constexpr int kMargin = 2;  // pixels beside a row

// Which pixels around one are equal, as a context: 0..63.
[[gnu::always_inline]] inline std::size_t pattern(bool w_n, bool w_nw, bool n_nw, bool n_ne, bool w_ww,
                                                  bool n_nn) {
  return (w_n ? 1U : 0) | (w_nw ? 2U : 0) | (n_nw ? 4U : 0) | (n_ne ? 8U : 0) | (w_ww ? 16U : 0) |
         (n_nn ? 32U : 0);
}
inline constexpr std::size_t kPatterns = 64;

// Whether a whole row is that above.
class RowRepeats {
 public:
  template <typename Coder>
  bool code(Coder& coder, bool same) {
    before_ = coder.bit(bits_[before_ ? 1 : 0], same);
    return before_;
  }

 private:
  bool before_ = false;
  std::array<AdaptiveBit, 2> bits_;
};

}  // namespace vaec::entropy
