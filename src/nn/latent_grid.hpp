// How the `mnist` codec turns the posterior's means into integers and bits: for each quality a step, and the
// table of N(0, 1) discretized with it. Both travel in the model file, so that no libm decides anything when
// a file is decoded. No LibTorch here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "entropy/frequency_table.hpp"
#include "model/safetensors.hpp"

namespace vaec::nn {

inline constexpr int kQualities = 100;
inline constexpr double kCoarsestStep = 2.0;  // of quality 1, in standard deviations of the prior
inline constexpr double kFinestStep = 0.06;   // of quality 100; log-spaced between

class LatentGrid {
 public:
  // Computes steps and tables (once, when a model is exported).
  [[nodiscard]] static LatentGrid make();
  // Throws Error kModel: a tensor missing or of a wrong shape, a step that is not positive, an invalid table.
  [[nodiscard]] static LatentGrid load(const model::SafeTensors& file);

  // The tensors that `load` reads, named "latent.*". The views live as long as
  // this object is neither changed nor destroyed.
  [[nodiscard]] std::map<std::string, model::TensorView> tensors() const;

  // The functions below need 1 <= quality <= 100.
  [[nodiscard]] float step(int quality) const;
  // round(mu / step), bounded to what the tables can code.
  [[nodiscard]] std::vector<std::int32_t> quantize(std::span<const float> mu, int quality) const;
  [[nodiscard]] std::vector<float> dequantize(std::span<const std::int32_t> symbols, int quality) const;
  // The range-coded stream.
  [[nodiscard]] std::vector<std::byte> encode(std::span<const std::int32_t> symbols, int quality) const;
  // Throws Error kCorrupt unless `stream` holds exactly `count` symbols.
  [[nodiscard]] std::vector<std::int32_t> decode(std::span<const std::byte> stream, std::size_t count,
                                                 int quality) const;

 private:
  LatentGrid() = default;
  [[nodiscard]] const entropy::FrequencyTable& table(int quality) const;

  std::vector<float> steps_;                // [100]
  std::vector<std::int32_t> first_;         // [100], the value of each table's first frequency
  std::vector<std::int32_t> size_;          // [100], frequencies in each table, the escape's included
  std::vector<std::uint16_t> frequencies_;  // the tables one after the other
  std::vector<entropy::FrequencyTable> tables_;
};

}  // namespace vaec::nn
