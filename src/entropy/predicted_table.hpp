// The tables that code predicted integers: what was counted when a model was made, and a logistic density as
// far as that does not reach.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "entropy/frequency_table.hpp"
#include "entropy/gaussian.hpp"
#include "entropy/predicted_integer.hpp"

namespace vaec::entropy {

// Of the two multiples of the prediction's step around `value` the better one by rate and distortion: the bits that
// `table` takes, and `error_bits` for a squared error of 1. |value| below 2^24.
[[nodiscard]] std::int32_t choose_predicted(double value, const PredictedInteger& predicted,
                                            const FrequencyTable& table, double error_bits);

// How often each symbol was met with each of kPredictedTables tables.
class PredictedCounts {
 public:
  PredictedCounts();

  void add(int table, std::int32_t symbol);
  void add(const PredictedCounts& other);

  // A density of the deviation that was met, or where little was met the one that the table's error class
  // stands for, counts as much as some symbols. The narrowest support that leaves the escape a share below
  // 2^-16, or else -4096..4096.
  [[nodiscard]] std::vector<TableData> tables() const;

 private:
  static constexpr std::int32_t kReach = 48;              // symbols -48..48 are counted one by one
  static constexpr std::size_t kCounts = 2 * kReach + 2;  // last all others together

  [[nodiscard]] TableData table(int table) const;

  std::vector<double> counts_;      // [kPredictedTables][kCounts]
  std::vector<double> deviations_;  // sums of |symbol - what was predicted|
};

}  // namespace vaec::entropy
