// Which floating-point type the transforms compute in.
#pragma once

#include "nn/torch.hpp"
#include "vaec/options.hpp"

namespace vaec::nn {

// Whether bfloat16 pays on this processor: with AVX-512 BF16 it is twice as fast as float32, without such
// instructions four times as slow.
[[nodiscard]] bool cpu_has_bf16();

// kAuto: bfloat16 where it pays.
[[nodiscard]] torch::ScalarType scalar_type_of(Precision precision);

}  // namespace vaec::nn
