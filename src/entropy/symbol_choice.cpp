#include "entropy/symbol_choice.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace vaec::entropy {
namespace {

// The magnitude, in half steps, that a symbol will probably have: less is left than a difference says.
std::int32_t guess_half_steps(float difference, bool dependent) {
  constexpr float kRoundedUp = 0.3F, kMost = kMagnitudeMaximum;
  constexpr float kUnit = 2.0F * kHalfStep / kValueUnit;
  const float size = dependent ? std::abs(difference) / kUnit : std::abs(difference);
  return 2 * static_cast<std::int32_t>(std::min(kMost, size + kRoundedUp));
}

}  // namespace

SymbolChoice::SymbolChoice(const SymbolBits& bits, std::vector<bool> is_lf)
    : bits_(bits), is_lf_(std::move(is_lf)), symbols_(is_lf_.size()) {}

void SymbolChoice::begin(const LatentContext& context, const float* differences, const std::uint8_t* scales,
                         float care) {
  differences_ = differences;
  scales_ = scales;
  weight_ = care * kErrorWeight;
  trellis_.begin(care * kTrellisErrorWeight);
  in_trellis_.clear();
  LatentContext::Before before;
  for (std::size_t c = 0; c < is_lf_.size(); ++c) {
    const bool dependent = !is_lf_[c] && scales[c] >= kDependentScale;
    if (dependent) {
      const int activity = context.activity(c, before);
      trellis_.add(differences[c], bits_of(scales[c], Quantizer::kQ0, activity),
                   bits_of(scales[c], Quantizer::kQ1, activity));
      in_trellis_.push_back(c);
    }
    before.put(guess_half_steps(differences[c], dependent), context.expected(scales[c]));
  }
  const auto chosen = trellis_.finish();
  for (std::size_t i = 0; i < chosen.size(); ++i) symbols_[in_trellis_[i]] = chosen[i];
}

std::int32_t SymbolChoice::choose(std::size_t channel, Quantizer quantizer, int activity) const {
  if (quantizer != Quantizer::kWhole) return symbols_[channel];
  return choose_whole(differences_[channel], bits_of(scales_[channel], quantizer, activity), weight_);
}

}  // namespace vaec::entropy
