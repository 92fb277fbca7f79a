// A layer of the integer networks: sums that are exact, and their requantization (model/hyper_layers.hpp).
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "infer/conv.hpp"
#include "model/hyper_layers.hpp"

namespace vaec::infer {

// Channels as they lie in memory: padded with zeros to a multiple that oneDNN is fast with.
[[nodiscard]] std::size_t padded_channels(std::int64_t channels);

class IntegerConv {
 public:
  // `source`: the type of the inputs, of padded_channels(in).
  IntegerConv(const model::HyperLayer& layer, Number source);

  // Sums in float32, exact.
  [[nodiscard]] const Conv& conv() const { return conv_; }
  [[nodiscard]] std::size_t out() const { return factor_.size(); }
  [[nodiscard]] int upsample() const { return upsample_; }

  // Requantizes the sums of the output channels first..first + count - 1 of one position:
  // sums[0] is that of `first`.
  void requantize(const float* sums, std::size_t first, std::size_t count, std::int32_t* to) const;
  void requantize(const float* sums, std::size_t first, std::size_t count, std::uint8_t* to) const;
  void requantize(const float* sums, std::size_t first, std::size_t count, float* to) const;
  void requantize(const float* sums, std::size_t first, std::size_t count, BFloat16* to) const;

  // Those of many positions, [positions][out]; position i goes to `to` + i * stride.
  template <typename T>
  void requantize_all(const float* sums, std::size_t positions, std::size_t first, std::size_t count, T* to,
                      std::size_t stride) const {
#pragma omp parallel for
    for (std::size_t i = 0; i < positions; ++i) {
      requantize(sums + i * out() + first, first, count, to + i * stride);
    }
  }

 private:
  Conv conv_;
  int upsample_;
  std::vector<double> factor_, low_, high_;  // multiplier / 2^shift; minimum; maximum
};

}  // namespace vaec::infer
