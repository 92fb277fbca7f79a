// The transforms run over windows of a picture, so that memory stays bounded at any size.
#pragma once

#include <cstdint>
#include <functional>

namespace vaec::codec {

// A part of the latent grid, in latent positions. The core is what a window answers for; the outer rectangle
// adds the halo that the core's result depends on, cut off at the picture's borders (where the networks pad
// with zeros, as they would for the whole picture).
struct Window {
  std::int64_t top, left, bottom, right;  // the core
  std::int64_t outer_top, outer_left, outer_bottom, outer_right;
};

// Calls `use` for windows whose cores, `core` positions a side,
// tile a grid of rows x columns, in row-major order.
void for_each_window(std::int64_t rows, std::int64_t columns, std::int64_t core, std::int64_t halo,
                     const std::function<void(const Window&)>& use);

}  // namespace vaec::codec
