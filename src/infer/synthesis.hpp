// The synthesis transform g_s for coding: latents in, pixels out, row by row, in memory that depends on the
// picture's width alone. What it gives for a row does not depend on how the rows were handed in.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "infer/residual.hpp"
#include "infer/transform_weights.hpp"

namespace vaec::infer {

// g_s's weights. Immutable; threads may share it.
class Synthesis {
 public:
  // `number`, kF32 or kBF16: of the nonlinear branch. The linear one computes in float32.
  Synthesis(TransformWeights weights, std::vector<float> log_inverse_gain, const model::PhotoConfig& config,
            Number number);

  // What a latent in 1/16 of a rounding step is multiplied with: [latent].
  [[nodiscard]] std::vector<float> gain(int quality) const;
  [[nodiscard]] const ConvWeights& linear() const { return linear_.weights(); }

 private:
  friend class SynthesisRun;
  model::PhotoConfig config_;
  Number number_;
  std::vector<float> log_inverse_gain_;
  std::vector<float> quality_weight_;  // of the stem's last input channel, the quality plane
  Conv linear_, stem_;
  std::vector<ResidualStage> stages_;  // at 1/16, 1/8, 1/4
  std::vector<Conv> up_;               // from the first and the second
  Conv last_;
  std::optional<Conv> skip_;  // from the linear branch's picture to 1/4
};

// A small picture from the linear branch alone: each latent gives side x side pixels, the means of what that
// branch makes of its 16x16. The nonlinear branch mends detail and leaves such means nearly alone.
class Preview {
 public:
  // `linear`: g_s's linear branch; `side`: 1 or 2.
  Preview(const ConvWeights& linear, int side);
  // A row of latents, [columns][latent] in 1/16 of a rounding step, gives `side` rows of side * columns RGB
  // pixels, float32 code values. `gain`: [latent], of Synthesis::gain().
  void run(const std::int32_t* latent, int columns, std::span<const float> gain, float* rgb) const;

 private:
  Conv mean_;
  int side_;
};

// One picture.
class SynthesisRun {
 public:
  // Takes one row of pixels, 16 * columns RGB samples, as float32 code values 0..255, neither clamped nor
  // rounded. Rows come from 0 up.
  using Sink = std::function<void(int row, std::span<const float> rgb)>;

  // `rows` x `columns` latents; `synthesis` must outlive it.
  SynthesisRun(const Synthesis& synthesis, int quality, int rows, int columns, Sink sink);

  // The next `count` rows of the latent, [count][columns][latent] in 1/16 of a rounding step; `stride` values
  // from one row to the next. After the last row all pixels have been handed out.
  void push(const std::int32_t* latent, int count, std::size_t stride);

 private:
  void push_strip(const std::int32_t* latent, int count, std::size_t stride);
  void cut_cells(int first);
  void resample(std::size_t stage);
  void skip(int first, int end);
  void finish_rows();

  const Synthesis& synthesis_;
  int rows_, columns_;
  Sink sink_;
  std::vector<float> gain_, stem_bias_;
  Rows linear_;  // the linear branch's picture, float32, [16][16][3] a latent
  Rows cells_;   // the same at 1/4, [4][4][3] a position, as the skip sees it; without a skip empty
  std::vector<ResidualRows> stages_;
  std::vector<int> resampled_;  // rows of a stage that went up to the next
  Rows detail_;                 // the last convolution's output, float32 at 1/4
  int done_ = 0;                // latent rows whose pixels were handed out
  Buffer y_, stem_in_, up_out_, rgb_;
};

}  // namespace vaec::infer
