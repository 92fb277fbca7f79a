// The synthesis transform g_s for coding, in integers: latents in, pixels out, row by row, in memory that depends on the
// picture's width alone. The same pixels on every machine, by any number of threads, however the rows are handed in.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "infer/stream_stage.hpp"
#include "infer/wide_conv.hpp"
#include "model/synthesis_layers.hpp"

namespace vaec::infer {

// g_s's weights. Immutable; threads may share it.
class Synthesis {
 public:
  Synthesis(const model::SynthesisLayers& layers, const model::PhotoConfig& config);

  // A latent in 1/16 of a rounding step becomes y, of 16 bits: `count` positions, [count][channels()] with zeros behind
  // the model's own channels.
  void scale(const std::int32_t* latent, std::size_t count, int quality, std::int16_t* y) const;
  [[nodiscard]] std::size_t channels() const { return stem_.in(); }
  [[nodiscard]] const model::WideLayer& linear() const { return linear_weights_; }

 private:
  friend class SynthesisRun;
  model::LatentGain gain_;
  model::WideLayer linear_weights_;
  std::vector<std::int32_t> stem_quality_;
  WideConv linear_, stem_;
  std::vector<StreamStage> stages_;  // at 1/16, 1/8, 1/4
  std::vector<SynthesisConv> up_;    // from the first and the second
  WideConv last_;
  std::optional<WideConv> skip_;  // from the linear branch's picture to 1/4
};

// A small picture from the linear branch alone: each latent gives side x side pixels, the means of what that
// branch makes of its 16x16. The nonlinear branch mends detail and leaves such means nearly alone.
class Preview {
 public:
  // `side`: 1 or 2. The synthesis must outlive it.
  Preview(const Synthesis& synthesis, int side);
  // A row of latents, [columns][latent] in 1/16 of a rounding step, gives `side` rows of side * columns RGB
  // pixels in 1/64 of a code value.
  void run(const std::int32_t* latent, int columns, int quality, std::int16_t* rgb) const;

 private:
  const Synthesis& synthesis_;
  int side_;
  std::vector<std::int64_t> weight_, bias_;  // [side][side][3], [latent]: sums over the cell
};

// One picture.
class SynthesisRun {
 public:
  // Takes one row of pixels, 16 * columns RGB samples in 1/64 of a code value of 8 bits, not clamped to these. Rows come
  // from 0 up.
  using Sink = std::function<void(int row, std::span<const std::int16_t> rgb)>;

  // `rows` x `columns` latents; `synthesis` must outlive it.
  SynthesisRun(const Synthesis& synthesis, int quality, int rows, int columns, Sink sink);

  // The next `count` rows of the latent, [count][columns][latent] in 1/16 of a rounding step; `stride` values
  // from one row to the next. After the last row all pixels have been handed out.
  void push(const std::int32_t* latent, int count, std::size_t stride);

 private:
  void push_strip(const std::int32_t* latent, int count, std::size_t stride);
  void go_up(std::size_t stage);
  void finish_rows();

  const Synthesis& synthesis_;
  int quality_, columns_;
  Sink sink_;
  std::vector<std::int32_t> stem_bias_;
  // The linear branch's picture at 1/4 as the skip sees it: cells, [4][4][3] a position.
  PaddedRows<std::int16_t> cells_;
  std::vector<StreamRows> stages_;
  std::vector<int> gone_up_;  // rows of a stage that went up to the next
  Rows detail_;               // the last convolution's output, int16 at 1/4
  int done_ = 0;              // latent rows whose pixels were handed out
  Buffer y_, pixels_;
};

}  // namespace vaec::infer
