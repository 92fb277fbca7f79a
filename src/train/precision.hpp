// Which floating-point type the transforms compute in.
#pragma once

#include <string>

#include "nn/torch.hpp"

namespace vaec::train {

// "fp32", "bf16", or "auto": bf16 on CUDA and on processors with AVX-512 BF16, else fp32.
// Throws Error kUsage.
[[nodiscard]] torch::ScalarType choose_precision(const std::string& name, torch::Device device);

// "cpu", "cuda", or "auto": CUDA where LibTorch has it; of several GPUs that of this `local_rank` (launch.hpp).
// Throws Error kUsage.
[[nodiscard]] torch::Device choose_device(const std::string& name, int local_rank = 0);

}  // namespace vaec::train
