// Probabilities that follow what was coded. Each is the mean of two estimates, one that forgets fast and one
// that forgets slowly; young ones learn faster than both. Integers only: docs/format.md section 8.7.1 has the
// same in pseudo code.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

#include "entropy/range_coder.hpp"

namespace vaec::entropy {

// Of a bit.
class AdaptiveBit {
 public:
  // That it is 0, in units of 2^-16: 1..65535.
  [[nodiscard]] std::uint32_t frequency_of_zero() const {
    return std::clamp<std::uint32_t>((fast_ + slow_) >> 7, 1, kFrequencyTotal - 1);
  }
  void update(bool bit) {
    const int fast = kFast[age_], slow = kSlow[age_];
    if (age_ < kOldest) ++age_;
    if (bit) {
      fast_ -= fast_ >> fast;
      slow_ -= slow_ >> slow;
    } else {
      fast_ += (kOne - fast_) >> fast;
      slow_ += (kOne - slow_) >> slow;
    }
  }
  // Whether it has seen no bit yet.
  [[nodiscard]] bool is_new() const { return age_ == 0; }
  // What the other one thinks, but as young as before.
  void inherit(const AdaptiveBit& other) {
    fast_ = other.fast_;
    slow_ = other.slow_;
  }

 private:
  static constexpr std::uint32_t kOne = std::uint32_t{1} << 22;
  static constexpr int kOldest = 15;
  static constexpr std::array<std::uint8_t, kOldest + 1> kFast{1, 2, 2, 3, 3, 3, 4, 4,
                                                               4, 4, 4, 4, 4, 4, 4, 4};
  static constexpr std::array<std::uint8_t, kOldest + 1> kSlow{1, 2, 2, 3, 3, 3, 4, 4,
                                                               4, 4, 5, 5, 5, 6, 6, 7};
  std::uint32_t fast_ = kOne / 2, slow_ = kOne / 2;
  int age_ = 0;
};

inline constexpr int kSymbols = 16;

// Where the shares of 16 symbols start. A vector of GCC and clang: one or two registers.
using Starts = std::int16_t __attribute__((vector_size(2 * kSymbols), aligned(16)));
using UnsignedStarts = std::uint16_t __attribute__((vector_size(2 * kSymbols), aligned(16)));

// Of a symbol 0..15. The shares, of 2^15, never vanish: each start keeps at least 1 above the one before, since an
// update moves all by the same part of their way to targets that do so, too.
class AdaptiveSymbol {
 public:
  AdaptiveSymbol() : AdaptiveSymbol(kEven.data()) {}
  // Starts of the 16 shares, of 2^15: the first is 0, each is above the one before.
  explicit AdaptiveSymbol(const std::int16_t* starts) {
    std::memcpy(&fast_, starts, sizeof fast_);
    slow_ = fast_;
  }

  void update(int symbol) {
    Starts target;
    std::memcpy(&target, kTargets[static_cast<std::size_t>(symbol)].data(), sizeof target);
    const std::int16_t slow = kSlow[static_cast<std::size_t>(age_)], fast = std::min(slow, kFast);
    if (age_ < kOldest) ++age_;
    fast_ += (target - fast_) >> fast;
    slow_ += (target - slow_) >> slow;
  }

  // Whether it has seen no symbol yet.
  [[nodiscard]] bool is_new() const { return age_ == 0; }
  // What the other one thinks, but as young as before.
  void inherit(const AdaptiveSymbol& other) {
    fast_ = other.fast_;
    slow_ = other.slow_;
  }

 private:
  friend struct MixedStarts;
  static constexpr std::int16_t kFast = 5;
  static constexpr int kOldest = 63;
  static constexpr auto kSlow = [] {
    std::array<std::int16_t, kOldest + 1> rates{};
    for (int age = 0; age <= kOldest; ++age) rates[age] = age < 8 ? 4 : age < 24 ? 5 : age < kOldest ? 6 : 7;
    return rates;
  }();
  static constexpr auto kEven = [] {
    std::array<std::int16_t, kSymbols> starts{};
    for (int i = 0; i < kSymbols; ++i) starts[i] = static_cast<std::int16_t>(i * (32768 / kSymbols));
    return starts;
  }();
  // Of each symbol: nearly everything for it, 1 for each of the others.
  static constexpr auto kTargets = [] {
    std::array<std::array<std::int16_t, kSymbols>, kSymbols> targets{};
    for (int symbol = 0; symbol < kSymbols; ++symbol) {
      for (int i = 0; i < kSymbols; ++i)
        targets[symbol][i] = static_cast<std::int16_t>(i <= symbol ? i : 32768 - kSymbols + i);
    }
    return targets;
  }();

  Starts fast_, slow_;
  int age_ = 0;
};

// The shares of a symbol after two opinions, of 2^16.
struct MixedStarts {
  std::array<std::uint16_t, kSymbols> start;

  MixedStarts(const AdaptiveSymbol& one, const AdaptiveSymbol& other) {
    const auto sum = (((UnsignedStarts)one.fast_ + (UnsignedStarts)one.slow_) >> 1) +
                     (((UnsignedStarts)other.fast_ + (UnsignedStarts)other.slow_) >> 1);
    std::memcpy(start.data(), &sum, sizeof sum);
  }
  [[nodiscard]] std::uint32_t end(int symbol) const {
    return symbol == kSymbols - 1 ? kFrequencyTotal : start[static_cast<std::size_t>(symbol) + 1];
  }
};

}  // namespace vaec::entropy
