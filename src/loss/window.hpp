// Windows' weighted means of planes.
#pragma once

#include <vector>

#include "nn/torch.hpp"

namespace vaec::loss {

enum class Border { kInside, kZeros };  // only where the window fits; everywhere, zeros beyond the plane

// The means of x [M, H, W] under the window half x half^T; `half`: from the middle on. Inside [M, H - 2 (n - 1), ...], n
// being the size of `half`.
[[nodiscard]] torch::Tensor windowed(const torch::Tensor& x, const std::vector<double>& half, Border border);

}  // namespace vaec::loss
