// The encoder's choice of the symbols of one position: rate-distortion optimized quantization.
#pragma once

#include <cstdint>
#include <vector>

#include "entropy/latent_context.hpp"
#include "entropy/trellis.hpp"

namespace vaec::entropy {

// Bits that a squared error of one rounding step is worth: of a whole symbol, and of one in the trellis, whose
// errors are chosen with more care. Gains follow lambda^(1/2), so it is the same at every quality.
inline constexpr float kErrorWeight = 20, kTrellisErrorWeight = 14;

class SymbolChoice {
 public:
  // `bits` of kTableRows * kActivities tables, row by row; it must outlive this.
  SymbolChoice(const SymbolBits& bits, std::vector<bool> is_lf);

  // Of the position that `context` has begun: what is to be coded minus its corrected mean, [channels] in
  // rounding steps (of the LF image what is coded minus its mean; 0 where no symbol is coded), and the scale
  // indices. `care` multiplies the weights of errors. The trellis needs activities before the symbols that make
  // them are known: they are guessed.
  void begin(const LatentContext& context, const float* differences, const std::uint8_t* scales, float care);

  // The symbol of a channel that is coded; for those of the chain it is fixed by begin().
  [[nodiscard]] std::int32_t choose(std::size_t channel, Quantizer quantizer, int activity) const;

 private:
  [[nodiscard]] SymbolBits::Table bits_of(int scale, Quantizer quantizer, int activity) const {
    return bits_[static_cast<std::size_t>(table_row(scale, quantizer)) * kActivities +
                 static_cast<std::size_t>(activity)];
  }

  const SymbolBits& bits_;
  std::vector<bool> is_lf_;
  Trellis trellis_;
  std::vector<std::size_t> in_trellis_;  // channels
  std::vector<std::int32_t> symbols_;    // by channel, where the trellis chose
  const float* differences_ = nullptr;
  const std::uint8_t* scales_ = nullptr;
  float weight_ = 0;
};

}  // namespace vaec::entropy
