// The number types that the networks compute in.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

namespace vaec::infer {

enum class Number { kF32, kBF16, kU8, kS8, kS32 };

[[nodiscard]] constexpr std::size_t size_of(Number number) {
  return number == Number::kF32 || number == Number::kS32 ? 4 : number == Number::kBF16 ? 2 : 1;
}

// bfloat16 as it lies in memory: the upper half of a float32.
struct BFloat16 {
  std::uint16_t bits;
};

// To nearest, ties to even. NaN is not expected.
[[nodiscard]] inline BFloat16 to_bf16(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  return {static_cast<std::uint16_t>((bits + 0x7FFF + (bits >> 16 & 1)) >> 16)};
}

// A value as an element of a tensor of type T. Integers are exact in bfloat16 up to 256.
template <typename T>
[[nodiscard]] inline T number_cast(float value) {
  return static_cast<T>(value);
}
template <>
[[nodiscard]] inline BFloat16 number_cast<BFloat16>(float value) {
  return to_bf16(value);
}

// What this processor computes fast (as oneDNN sees it: ONEDNN_MAX_CPU_ISA counts).
[[nodiscard]] bool has_bf16();  // AVX-512 BF16
// Any AVX-512 can at least imitate bfloat16, slowly; other processors cannot compute in it at all.
[[nodiscard]] bool can_bf16();
[[nodiscard]] bool has_int8();  // VNNI: 8-bit products summed in 32 bits without saturation, that is, exactly

}  // namespace vaec::infer
