// One convolution on oneDNN: weights prepared once, bias, activation and residual sum fused into it.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "infer/number.hpp"

namespace vaec::infer {

// As trained. Everything is row-major; integers of the integer networks are exact in float.
struct ConvWeights {
  int in = 0, out = 0;  // channels
  int kernel = 1;       // odd; the padding that keeps the size is kernel / 2
  int stride = 1;
  std::vector<float> weight;  // [out][in][kernel][kernel]
  std::vector<float> bias;    // [out]
};

// What happens to the sums before they are stored.
enum class After { kNothing, kLeakyRelu, kAdd };  // kAdd: to what the destination holds

// A horizontal strip of the input. Rows that the kernel reaches beyond the strip are zero where the picture
// ends there, else they belong to the strip.
struct Strip {
  int rows = 1, width = 1;
  int zeros_above = 0, zeros_below = 0;  // rows of zero padding
  bool has_sides = false;                // else left and right have kernel / 2 columns of zero padding
};

// Tensors are [rows][width][channels]. Thread-safe. Uses the calling thread's OpenMP threads.
class Conv {
 public:
  // `source`: kF32, kBF16, kU8 or kS8, of the weights too (kS8 with kU8). `destination`: kF32 or kBF16, or of bytes
  // kS32: sums without bias.
  Conv(ConvWeights weights, Number source, Number destination, After after = After::kNothing);
  ~Conv();
  Conv(Conv&&) noexcept;
  Conv& operator=(Conv&&) noexcept;

  // `bias` [out] instead of the weights' own, if given.
  void run(const Strip& strip, const void* source, void* destination, const float* bias = nullptr) const;
  // A 1x1 convolution of `count` positions: [count][in] -> [count][out].
  void run_pointwise(std::size_t count, const void* source, void* destination,
                     const float* bias = nullptr) const;

  [[nodiscard]] const ConvWeights& weights() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Which rows of the output can be computed when the input's rows up to `available` (exclusive) are there, out
// of `height`, and what of the input that takes.
struct StripPlan {
  int first, end;                // of the output
  int source_first, source_end;  // of the input
  int zeros_above, zeros_below;
  [[nodiscard]] bool empty() const { return end <= first; }
};
// `done`: rows of the output that were computed before.
[[nodiscard]] StripPlan plan_strip(int kernel, int stride, int done, int available, int height);

}  // namespace vaec::infer
