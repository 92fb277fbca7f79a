// Random numbers for training, from LibTorch's default generator on the CPU: one state to save and restore.
#pragma once

#include <cstdint>

namespace vaec::train {

[[nodiscard]] double uniform();                            // in [0, 1)
[[nodiscard]] std::int64_t uniform_int(std::int64_t end);  // in 0..end - 1

}  // namespace vaec::train
