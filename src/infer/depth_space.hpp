// From space to depth, channels innermost: what nn/layers.hpp calls space_to_depth.
#pragma once

#include <cstddef>
#include <cstring>

namespace vaec::infer {

// r * rows x r * width positions of `cell_bytes` -> rows x width of r * r * `cell_bytes` each.
inline void space_to_depth(const std::byte* from, int rows, int width, int r, std::size_t cell_bytes,
                           std::byte* to) {
  const auto run = cell_bytes * static_cast<std::size_t>(r);
  const auto line = run * static_cast<std::size_t>(width);  // of the input
  for (int row = 0; row < rows; ++row) {
    for (int column = 0; column < width; ++column) {
      for (int i = 0; i < r; ++i, to += run) {
        std::memcpy(to, from + static_cast<std::size_t>(i) * line + static_cast<std::size_t>(column) * run,
                    run);
      }
    }
    from += line * static_cast<std::size_t>(r);
  }
}

}  // namespace vaec::infer
