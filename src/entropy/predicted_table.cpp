#include "entropy/predicted_table.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <numbers>
#include <numeric>

namespace vaec::entropy {
namespace {

constexpr double kPredictedTail = 1.0 / 65536;
constexpr double kExpected = 20;  // symbols that the density counts for

// The mean error that an error class stands for: the middle of its half octave.
double error_of(int error_class) { return 8.0 / kErrorUnit * std::pow(2.0, (error_class - 0.5) / 2); }

}  // namespace

std::int32_t choose_predicted(double value, const PredictedInteger& predicted, const FrequencyTable& table,
                              double error_bits) {
  const auto cost = [&](std::int32_t candidate) {
    const double error = value - candidate;
    return table.bits(predicted.symbol_of(candidate)) + error_bits * error * error;
  };
  const auto below = predicted.step * static_cast<std::int32_t>(std::floor(value / predicted.step));
  const auto above = below + predicted.step;
  return cost(below) <= cost(above) ? below : above;
}

PredictedCounts::PredictedCounts()
    : counts_(std::size_t{kPredictedTables} * kCounts), deviations_(kPredictedTables) {}

void PredictedCounts::add(int table, std::int32_t symbol) {
  const auto at = std::abs(symbol) <= kReach ? static_cast<std::size_t>(symbol + kReach) : kCounts - 1;
  ++counts_[static_cast<std::size_t>(table) * kCounts + at];
  deviations_[static_cast<std::size_t>(table)] += std::abs(symbol - centre_of(table % kPhases));
}

void PredictedCounts::add(const PredictedCounts& other) {
  for (std::size_t i = 0; i < counts_.size(); ++i) counts_[i] += other.counts_[i];
  for (std::size_t i = 0; i < deviations_.size(); ++i) deviations_[i] += other.deviations_[i];
}

std::vector<TableData> PredictedCounts::tables() const {
  std::vector<TableData> tables;
  for (int i = 0; i < kPredictedTables; ++i) tables.push_back(table(i));
  return tables;
}

TableData PredictedCounts::table(int table) const {
  const auto counts = std::span(counts_).subspan(static_cast<std::size_t>(table) * kCounts, kCounts);
  const double met = std::accumulate(counts.begin(), counts.end(), 0.0);
  const double centre = centre_of(table % kPhases);
  const double deviation =
      (deviations_[static_cast<std::size_t>(table)] + kExpected * error_of(table / kPhases)) /
      (met + kExpected);
  // A logistic density's mean deviation is its scale times 2 ln 2.
  const double scale = deviation / (2 * std::numbers::ln2);
  const auto above = [&](double x) { return 1 / (1 + std::exp((x - centre) / scale)); };
  const auto density = [&](std::int32_t v) {
    // On the side of the tail, so that small shares stay precise.
    return v > centre ? above(v - 0.5) - above(v + 0.5)
                      : 1 / (1 + std::exp((centre - v - 0.5) / scale)) -
                            1 / (1 + std::exp((centre - v + 0.5) / scale));
  };
  const double total = met + kExpected;
  const double far_by_density = above(kReach + 0.5) + 1 / (1 + std::exp((centre + kReach + 0.5) / scale));
  const double far = (counts[kCounts - 1] + kExpected * far_by_density) / total;
  const auto share = [&](std::int32_t v) {
    if (std::abs(v) <= kReach)
      return (counts[static_cast<std::size_t>(v + kReach)] + kExpected * density(v)) / total;
    return far_by_density > 0 ? far * density(v) / far_by_density : 0;
  };

  std::int32_t reach = 0;
  double inside = share(0);
  while (1 - inside >= kPredictedTail && reach < kMaxSupport) {
    ++reach;
    inside += share(reach) + share(-reach);
  }
  std::vector<double> probabilities;
  for (std::int32_t v = -reach; v <= reach; ++v) probabilities.push_back(share(v));
  probabilities.push_back(std::max(0.0, 1 - inside));
  return {-reach, quantize_probabilities(probabilities)};
}

}  // namespace vaec::entropy
