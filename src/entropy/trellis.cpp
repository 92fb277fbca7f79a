#include "entropy/trellis.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace vaec::entropy {
namespace {

constexpr float kImpossible = 1e30F;

// By state: the states before it are s / 2 and 4 + s / 2, and the subset of the symbol in between.
constexpr std::uint8_t kSubsetFromLower[kTrellisStates] = {0, 1, 2, 3, 1, 0, 3, 2},
                       kSubsetFromUpper[kTrellisStates] = {1, 0, 3, 2, 0, 1, 2, 3};

}  // namespace

SymbolBits::SymbolBits(std::span<const FrequencyTable> tables) {
  constexpr std::int32_t kSlopeOver = 8;
  bits_.reserve(tables.size() * (kKept + 1));
  for (const auto& table : tables) {
    for (std::int32_t magnitude = 0; magnitude < kKept; ++magnitude) {
      bits_.push_back(static_cast<float>(table.bits(magnitude)));
    }
    const float slope = (bits_.back() - *(bits_.end() - 1 - kSlopeOver)) / kSlopeOver;
    bits_.push_back(std::max(0.0F, slope));
  }
}

std::int32_t choose_whole(float difference, SymbolBits::Table bits, float weight) {
  // The order of max's arguments matters for NaN, which a forged model can produce.
  constexpr auto kLargest = static_cast<float>(kLargestSymbol);
  const auto nearest =
      static_cast<std::int32_t>(std::nearbyint(std::min(std::max(-kLargest, difference), kLargest)));
  if (nearest == 0) return 0;
  const auto smaller = nearest > 0 ? nearest - 1 : nearest + 1;
  const float error = difference - static_cast<float>(nearest),
              larger_error = difference - static_cast<float>(smaller);
  const float added = weight * (larger_error * larger_error - error * error);
  return bits(std::abs(nearest)) - bits(std::abs(smaller)) > added ? smaller : nearest;
}

void Trellis::begin(float weight) {
  constexpr float kUnit = static_cast<float>(kHalfStep) / kValueUnit;
  weight_ = weight * kUnit * kUnit;  // of a squared error of one half step
  cost_.fill(kImpossible);
  cost_[0] = 0;
  count_ = 0;
}

void Trellis::add(float difference, SymbolBits::Table q0, SymbolBits::Table q1) {
  constexpr float kToHalfSteps = static_cast<float>(kValueUnit) / kHalfStep;
  constexpr auto kLargest = static_cast<float>(kLargestSymbol);
  // In half steps; the order of min's arguments matters for NaN.
  const float size = std::min(kLargest, std::abs(difference) * kToHalfSteps);
  const auto floor = static_cast<std::int32_t>(size);
  if (count_ == steps_.size()) steps_.emplace_back();
  auto& step = steps_[count_++];
  step.negative = difference < 0;

  // A subset's values lie four half steps apart: the one below and the one above, which are half steps and
  // magnitudes of the symbol.
  std::array<float, kSubsets> cost;
  const auto choose = [&](int subset, SymbolBits::Table bits, std::int32_t below, std::int32_t magnitude) {
    const auto costs = [&](std::int32_t value, std::int32_t symbol) {
      const float error = size - static_cast<float>(value);
      return weight_ * error * error + bits(symbol);
    };
    // Below zero there is none, but for Q1's zero, which takes the place of -1.
    const float lower = magnitude < 0 ? kImpossible : costs(std::max(0, below), magnitude),
                upper = costs(below + 4, magnitude + 2);
    const bool up = upper < lower;
    cost[static_cast<std::size_t>(subset)] = up ? upper : lower;
    step.magnitude[static_cast<std::size_t>(subset)] = up ? magnitude + 2 : magnitude;
  };
  const auto even0 = floor >> 2, odd0 = (floor - 2) >> 2, odd1 = (floor - 1) >> 2, even1 = (floor + 1) >> 2;
  choose(0, q0, 4 * even0, 2 * even0);
  choose(1, q0, 4 * odd0 + 2, 2 * odd0 + 1);
  choose(2, q1, 4 * odd1 + 1, 2 * odd1 + 1);
  choose(3, q1, 4 * even1 - 1, 2 * even1);

  std::array<float, kTrellisStates> lower, upper;
  for (std::size_t s = 0; s < kTrellisStates; ++s) {
    lower[s] = cost_[s / 2] + cost[kSubsetFromLower[s]];
    upper[s] = cost_[4 + s / 2] + cost[kSubsetFromUpper[s]];
  }
  unsigned from_upper = 0;
  for (std::size_t s = 0; s < kTrellisStates; ++s) {
    from_upper |= (upper[s] < lower[s] ? 1U : 0U) << s;
    cost_[s] = std::min(lower[s], upper[s]);
  }
  step.from_upper = static_cast<std::uint8_t>(from_upper);
}

std::span<const std::int32_t> Trellis::finish() {
  symbols_.resize(std::max(symbols_.size(), count_));
  auto state = static_cast<std::size_t>(std::min_element(cost_.begin(), cost_.end()) - cost_.begin());
  for (std::size_t i = count_; i-- > 0;) {
    const auto& step = steps_[i];
    const bool from_upper = (step.from_upper >> state & 1) != 0;
    const auto magnitude = step.magnitude[from_upper ? kSubsetFromUpper[state] : kSubsetFromLower[state]];
    symbols_[i] = step.negative ? -magnitude : magnitude;
    state = (from_upper ? 4 : 0) + state / 2;
  }
  return std::span(symbols_).first(count_);
}

}  // namespace vaec::entropy
