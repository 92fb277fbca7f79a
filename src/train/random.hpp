// Random numbers for training, from LibTorch's default generator on the CPU: one state to save and restore.
#pragma once

#include <cstdint>

#include "nn/torch.hpp"

namespace vaec::train {

[[nodiscard]] double uniform();                            // in [0, 1)
[[nodiscard]] std::int64_t uniform_int(std::int64_t end);  // in 0..end - 1

// All that decides what is drawn next, uint8 [N].
[[nodiscard]] torch::Tensor random_state();
void set_random_state(const torch::Tensor& state);

}  // namespace vaec::train
