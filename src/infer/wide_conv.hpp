// A convolution of values of 16 bits with weights of 16 bits (model::WideLayer): exact in 32 bits on every processor.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "infer/padded_rows.hpp"
#include "model/synthesis_layers.hpp"

namespace vaec::infer {

class WideConv {
 public:
  // Channels are padded to multiples of 16.
  explicit WideConv(const model::WideLayer& layer);

  [[nodiscard]] std::size_t in() const { return in_; }
  [[nodiscard]] std::size_t out() const { return bias_.size(); }
  [[nodiscard]] const std::vector<std::int32_t>& bias() const { return bias_; }
  [[nodiscard]] PaddedRows<std::int16_t> make_rows(int height, int width) const {
    return {height, width, in_, padding_, 0};
  }

  // One row of `width` positions -> [width][out]. `window`: of its input's rows. `bias`: in place of bias().
  void put(int width, const std::int16_t* window, std::int16_t* to, const std::int32_t* bias = nullptr) const;
  // The same for outputs that belong into several lines, in equal runs that are multiples of 16: [width][out / lines] each.
  void put_lines(int width, const std::int16_t* window, std::span<std::int16_t* const> lines) const;
  // Adds to what is there, bounded to 16 bits.
  void add(int width, const std::int16_t* window, std::int16_t* to) const;

 private:
  void run(int width, const std::int16_t* window, std::span<std::int16_t* const> lines,
           const std::int32_t* bias, bool adds) const;

  std::size_t in_;
  int padding_, shift_;
  std::vector<std::int16_t> weight_;  // [out / 16][kernel][kernel][in / 2][16][2]
  std::vector<std::int32_t> bias_;
};

// LeakyReLU.
void activate(const std::int16_t* from, std::size_t count, std::int16_t* to);

}  // namespace vaec::infer
