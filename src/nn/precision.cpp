#include "nn/precision.hpp"

namespace vaec::nn {

bool cpu_has_bf16() {
#if defined(__x86_64__) && defined(__GNUC__)
  return __builtin_cpu_supports("avx512bf16") != 0;
#else
  return false;
#endif
}

torch::ScalarType fastest_type() { return cpu_has_bf16() ? torch::kBFloat16 : torch::kFloat32; }

}  // namespace vaec::nn
