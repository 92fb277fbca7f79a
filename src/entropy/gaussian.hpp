// The 64 zero-mean Gaussian tables that code the latent, and tables of other discretized densities. Built
// once, when a model is exported; from then on they travel in the model file as integers.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "entropy/frequency_table.hpp"

namespace vaec::entropy {

inline constexpr int kScaleCount = 64;
inline constexpr double kScaleMin = 0.11;  // below it a symbol is almost surely zero (Ballé 2018)
inline constexpr double kScaleMax = 256.0;

// No support reaches further from 0; what lies outside is escaped.
inline constexpr std::int32_t kMaxSupport = 4096;

// The standard deviation of table `index`, 0..63: kScaleMin * (kScaleMax / kScaleMin)^(index / 63).
[[nodiscard]] double scale_at(int index);

// What a table is made of and how it is stored in a model file.
struct TableData {
  std::int32_t first = 0;                  // the value of frequencies[0]
  std::vector<std::uint16_t> frequencies;  // one a value, last the escape
};

// N(0, scale^2) integrated over [k - 1/2, k + 1/2]; the narrowest support -K..K that leaves the escape a
// share below 2^-16, or else -4096..4096. Throws Error kModel unless scale is positive and finite.
[[nodiscard]] TableData gaussian_table(double scale);

// Any distribution given by its cumulative function `cdf`, which rises from 0 to 1; support: the shortest
// interval of integers that holds all but 2^-15 of the mass, at most [-4096, 4096] (of equally short ones the
// lowest). `median`, rounded and clamped to that, lies inside it. Throws Error kModel for a cdf that falls or
// leaves [0, 1].
[[nodiscard]] TableData table_of(const std::function<double(double)>& cdf, double median);

}  // namespace vaec::entropy
