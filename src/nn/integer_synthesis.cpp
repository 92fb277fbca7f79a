// The integer g_s in float64, which holds all its values.
#include <algorithm>

#include "nn/integer_ops.hpp"
#include "nn/layers.hpp"
#include "nn/synthesis_quantizer.hpp"

namespace vaec::nn {

torch::Tensor integer_synthesis(const model::SynthesisLayers& layers, const torch::Tensor& y, int quality) {
  using namespace integer_ops;
  const torch::NoGradGuard no_grad;
  const auto scaled = integer_ops::scale(layers.gain, y, quality);
  const auto picture = depth_to_space(wide(layers.linear, scaled), model::kLatentStride);
  auto stream = wide(layers.stem, scaled, layers.stem_quality, 2 * quality - (kMinQuality + kMaxQuality));
  for (const std::size_t scale : {2, 1, 0}) {
    if (scale == 0 && layers.skip) {
      stream = sixteen(stream + wide(*layers.skip, space_to_depth(picture, 4)));
    }
    for (const auto& block : layers.blocks[scale]) {
      const auto between = hidden(block[0], sums(block[0], seen(block[0], stream)));
      stream = add(block[1], sums(block[1], between), stream);
    }
    if (scale > 0) {
      const auto& up = layers.up[2 - scale];
      stream = depth_to_space(put(up, sums(up, seen(up, stream))), 2);
    }
  }
  const auto detail = wide(layers.last, activated(stream));
  return sixteen(picture + depth_to_space(detail, 4) + model::kPixelCentre).to(torch::kInt32);
}

}  // namespace vaec::nn
