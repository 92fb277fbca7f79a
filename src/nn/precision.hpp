// Which floating-point type the transforms compute in.
#pragma once

#include "nn/torch.hpp"

namespace vaec::nn {

// Whether bfloat16 pays on this processor: with AVX-512 BF16 it is twice as fast as float32, without such
// instructions four times as slow.
[[nodiscard]] bool cpu_has_bf16();

// bfloat16 where it pays, else float32.
[[nodiscard]] torch::ScalarType fastest_type();

}  // namespace vaec::nn
