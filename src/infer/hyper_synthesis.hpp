// The integer hyper-synthesis h_s for coding: what it predicts is the same on every machine, whatever number
// type and kernel the sums were formed with (model/hyper_layers.hpp bounds them so that all are exact). It
// works in two passes over a checkerboard (He 2021, "Checkerboard Context Model for Efficient Learned Image
// Compression"): the odd positions are predicted from the even ones, too.
//
//   features = trunk(z^, quality - 50), lf(slopes of the LF image)
//   even positions (row + column even): (mean, scale index) = first(features)
//   odd positions: (mean, scale index) = first's mean + second(features, context(y^ at even ones))
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "infer/integer_conv.hpp"
#include "model/hyper_layers.hpp"

namespace vaec::infer {

// How sums are formed. All give the same result; tests hold that.
enum class IntegerKernel {
  kInt8,      // 8-bit products (VNNI); for the context network bfloat16 where there is any, else float32
  kBFloat16,  // AVX-512 BF16: integers up to 256 are exact, sums in float32
  kFloat32,   // any processor
};
[[nodiscard]] IntegerKernel fastest_integer_kernel();

// Rows of the hyper-latent on each side that the features of a row depend on: 1 + 1/2 + 1/4, rounded up.
inline constexpr int kHyperHalo = 2;

// Rows of the LF image below a row that its features depend on: a convolution's one, and the slope's.
inline constexpr int kLfHalo = 2;

// A hyper-latent: int8 [rows][columns][channels].
struct HyperLatent {
  int rows = 0, columns = 0, channels = 0;
  std::vector<std::int8_t> values;
};

// The LF image: [rows][columns][channels] in 1 / entropy::kLfUnit rounding steps, on the latent's grid.
struct LfImage {
  int rows = 0, columns = 0, channels = 0;
  std::vector<std::int32_t> values;
};

// What a band has of the latent: its rows top..bottom - 1, of `columns` positions each. The latent may end
// within the last hyper-latents, not beyond them.
struct LatentBand {
  int top, bottom, columns;
  [[nodiscard]] int rows() const { return bottom - top; }
};

// Immutable; threads may share it.
class HyperSynthesis {
 public:
  // The parts' layers as load_hyper_layers() gives them.
  HyperSynthesis(const model::PhotoConfig& config, const std::vector<model::HyperLayer>& trunk,
                 const std::vector<model::HyperLayer>& lf, const std::vector<model::HyperLayer>& first,
                 const std::vector<model::HyperLayer>& context, const std::vector<model::HyperLayer>& second,
                 IntegerKernel kernel);

  // Codes the latents of one position: `means` [latent] in 1/16 of a rounding step and `scales` [latent],
  // table indices 0..63, are predicted; the coder fills `latent` [latent], in 1/16 of a rounding step.
  // `position` = row * columns + column, counted from the band's first row.
  using CodePosition = std::function<void(std::size_t position, const std::int32_t* means,
                                          const std::uint8_t* scales, std::int32_t* latent)>;
  struct Passes {
    CodePosition even, odd;
  };

  // Runs both passes over a band, in raster order within each. `z` and `lf` are those of the whole picture (of
  // `lf` a row above the band and two below it are enough). `latent`: [rows][columns][latent], filled by the
  // coder.
  void run(const HyperLatent& z, const LfImage& lf, int quality, const LatentBand& band, const Passes& passes,
           std::int32_t* latent) const;

 private:
  template <typename T>
  class Run;

  model::PhotoConfig config_;
  Number number_;          // of the features
  Number context_number_;  // of the companded latent: it needs 9 bits
  std::vector<IntegerConv> trunk_, second_;
  IntegerConv lf_, first_, first_means_, context_;
};

}  // namespace vaec::infer
