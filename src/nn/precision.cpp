#include "nn/precision.hpp"

namespace vaec::nn {

bool cpu_has_bf16() {
#if defined(__x86_64__) && defined(__GNUC__)
  return __builtin_cpu_supports("avx512bf16") != 0;
#else
  return false;
#endif
}

torch::ScalarType scalar_type_of(Precision precision) {
  const bool bf16 = precision == Precision::kBFloat16 || (precision == Precision::kAuto && cpu_has_bf16());
  return bf16 ? torch::kBFloat16 : torch::kFloat32;
}

}  // namespace vaec::nn
