// The encoder's search for the symbols of a chain of quantizers (entropy/dependent_quantizer.hpp): those of
// least bits + weight * squared error, by the Viterbi algorithm. A decoder takes any symbols.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "entropy/dependent_quantizer.hpp"
#include "entropy/frequency_table.hpp"

namespace vaec::entropy {

inline constexpr std::int32_t kLargestSymbol = 1 << 20;  // of the latent

// What symbols of some (symmetric) tables cost, quickly.
class SymbolBits {
 public:
  SymbolBits() = default;
  explicit SymbolBits(std::span<const FrequencyTable> tables);

  // Of one table.
  class Table {
   public:
    // In bits, with its sign; of magnitudes from kKept on about.
    [[nodiscard]] float operator()(std::int32_t magnitude) const {
      if (magnitude < kKept) return bits_[magnitude];
      return bits_[kKept - 1] + bits_[kKept] * static_cast<float>(magnitude - kKept + 1);
    }

   private:
    friend SymbolBits;
    explicit Table(const float* bits) : bits_(bits) {}
    const float* bits_;
  };
  [[nodiscard]] Table operator[](std::size_t table) const {
    return Table(bits_.data() + table * (kKept + 1));
  }

 private:
  static constexpr std::int32_t kKept = 32;
  std::vector<float> bits_;  // [table]: of kKept magnitudes, then how much each one beyond adds
};

// The best whole symbol for a difference in rounding steps: the nearest, or its neighbour towards zero where
// the bits that this saves are worth more than the error it adds. NaN gives -kLargestSymbol.
[[nodiscard]] std::int32_t choose_whole(float difference, SymbolBits::Table bits, float weight);

// One position's chain. Reusable; not thread-safe.
class Trellis {
 public:
  // `weight`: bits that a squared error of one rounding step is worth.
  void begin(float weight);
  // The next latent of the chain: its difference from its mean in rounding steps, and what its symbols cost
  // with Q0 and with Q1. NaN counts as very large.
  void add(float difference, SymbolBits::Table q0, SymbolBits::Table q1);
  // The symbols of all that were added, until begin().
  [[nodiscard]] std::span<const std::int32_t> finish();

 private:
  // Q0's even and odd symbols, Q1's odd and even ones.
  static constexpr int kSubsets = 4;
  struct Step {
    std::array<std::int32_t, kSubsets> magnitude;  // the best of each
    std::uint8_t from_upper;                       // by state, a bit: it was reached from states 4 to 7
    bool negative;
  };
  float weight_ = 0;
  std::array<float, kTrellisStates> cost_{};
  std::size_t count_ = 0;
  std::vector<Step> steps_;
  std::vector<std::int32_t> symbols_;
};

}  // namespace vaec::entropy
