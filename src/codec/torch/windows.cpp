#include "codec/torch/windows.hpp"

#include <algorithm>

namespace vaec::codec {

void for_each_window(std::int64_t rows, std::int64_t columns, std::int64_t core, std::int64_t halo,
                     const std::function<void(const Window&)>& use) {
  for (std::int64_t top = 0; top < rows; top += core) {
    for (std::int64_t left = 0; left < columns; left += core) {
      const auto bottom = std::min(rows, top + core), right = std::min(columns, left + core);
      use({top, left, bottom, right, std::max<std::int64_t>(0, top - halo),
           std::max<std::int64_t>(0, left - halo), std::min(rows, bottom + halo),
           std::min(columns, right + halo)});
    }
  }
}

}  // namespace vaec::codec
