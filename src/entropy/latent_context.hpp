// What the symbols around a latent, coded before it, say of it in the coder itself: a correction of its mean
// from the four nearest positions, and from their magnitudes and those of the channels before it, set against
// what was expected, which of several tables of its scale codes it. In integers (docs/format.md,
// section 9.5). This catches what the networks' predictions leave: all symbols before are known here, not
// only those of the passes before.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <vector>

namespace vaec::entropy {

inline constexpr int kActivities = 9;         // tables of one row
inline constexpr int kContextNeighbours = 4;  // positions that correct a mean
inline constexpr int kContextPasses = 2;      // of the checkerboard
inline constexpr int kWeightShift = 7;        // weights come in 1/128
inline constexpr int kMagnitudeMaximum = 127;
inline constexpr int kMagnitudeUnit = 256;  // expected magnitudes are counted in 1/256 of a symbol

// What a model says of it: the weights of the neighbours, [pass][neighbour][channel], for one quality; the
// expected magnitude of a symbol by its scale index, in 1/256 of a step of its quantizer, 0..32512, [64].
struct ContextParameters {
  std::span<const std::int8_t> weights;
  std::span<const std::int32_t> expected;
};

// Over one band, which needs no other. Positions are coded in raster order within each of two passes: first
// those whose row and column have an even sum. For each: begin(), then for each channel in order shift(),
// activity() and put(). Not thread-safe.
class LatentContext {
 public:
  // The spans of `parameters` must outlive it: kContextPasses * kContextNeighbours * channels weights,
  // 64 expected magnitudes.
  LatentContext(const ContextParameters& parameters, int rows, int columns, int channels);

  // `position` = row * columns + column.
  void begin(std::size_t position);

  // What to add to the predicted mean, in its 1/16.
  [[nodiscard]] std::int32_t shift(std::size_t channel) const { return shift_[channel]; }

  // Magnitudes of the channels before at one position, met and expected, which fade.
  class Before {
   public:
    // `half_steps` at most 2 * kMagnitudeMaximum.
    void put(std::int32_t half_steps, std::int32_t expected) {
      met_ += kMagnitudeUnit / 2 * half_steps - (met_ >> kDecay);
      expected_ += expected - (expected_ >> kDecay);
    }

   private:
    friend LatentContext;
    static constexpr int kDecay = 4;  // they count (15/16)^distance
    std::int32_t met_ = 0, expected_ = 0;
  };

  // Which of the kActivities tables: the middle one where magnitudes are as expected.
  [[nodiscard]] int activity(std::size_t channel) const { return activity(channel, before_); }
  // The same with other channels before.
  [[nodiscard]] int activity(std::size_t channel, const Before& before) const {
    const std::int32_t met = (2 * met_[channel] + before.met_ + kBias) * 256,
                       expected = 2 * expected_[channel] + before.expected_ + kBias;
    int activity = 0;
    for (const auto threshold : kThresholds) activity += met >= threshold * expected ? 1 : 0;
    return activity;
  }
  [[nodiscard]] std::int32_t expected(std::uint8_t scale) const { return parameters_.expected[scale]; }

  // `half_steps`: the symbol's magnitude (entropy/dependent_quantizer.hpp); `residual`: the decoded latent
  // minus the predicted mean before the correction, in 1/16.
  void put(std::size_t channel, std::int32_t half_steps, std::uint8_t scale, std::int32_t residual) {
    const auto magnitude = std::min(half_steps, 2 * kMagnitudeMaximum);
    const auto expected = parameters_.expected[scale];
    residuals_[at_ + channel] = static_cast<std::int16_t>(std::clamp(residual, -32768, 32767));
    magnitudes_[at_ + channel] = static_cast<std::uint8_t>(magnitude);
    expectations_[at_ + channel] = static_cast<std::uint16_t>(expected);
    before_.put(magnitude, expected);
  }

  // The decoded latents minus the predicted means of the neighbours of the position begun, [neighbour]; null
  // outside the band. For fitting the weights.
  [[nodiscard]] const std::array<const std::int16_t*, kContextNeighbours>& neighbours() const {
    return neighbours_;
  }
  [[nodiscard]] int pass() const { return pass_; }

 private:
  static constexpr std::int32_t kBias = 77;  // 0.3: with no evidence at all magnitudes are as expected
  // 256 * 2^x, x = -1.75, -1.25, ... 1.75: between the activities.
  static constexpr std::array<std::int32_t, kActivities - 1> kThresholds = {76,  108, 152, 215,
                                                                            304, 431, 609, 861};

  ContextParameters parameters_;
  int rows_, columns_;
  std::size_t channels_;
  std::vector<std::int16_t> residuals_;      // by position and channel
  std::vector<std::uint8_t> magnitudes_;     // of the symbols, in half steps
  std::vector<std::uint16_t> expectations_;  // of their magnitudes
  // Of the position begun: by channel, over its neighbours; and over the channels before.
  std::vector<std::int32_t> shift_, met_, expected_;
  Before before_;
  std::array<const std::int16_t*, kContextNeighbours> neighbours_{};
  std::size_t at_ = 0;
  int pass_ = 0;
};

}  // namespace vaec::entropy
