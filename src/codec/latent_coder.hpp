// The latent of a picture, but for its LF image, to and from range-coded streams (docs/format.md, section 9).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "entropy/trellis.hpp"
#include "infer/photo_model.hpp"

namespace vaec::codec {

// Borrows the model, which must outlive it. Thread-safe.
class LatentCoder {
 public:
  explicit LatentCoder(const infer::PhotoModel& model);

  // One band. `lf`: the LF image of the whole picture, or as much of it as h_s needs. `y`:
  // [rows][columns][latent] in rounding steps; `latent`, of the same shape, in 1/16 of a rounding step: what a
  // decoder will see. The symbols nearest to y, or with `choose_symbols` those of the best rate and
  // distortion.
  [[nodiscard]] std::vector<std::byte> encode_band(const infer::HyperLatent& z, const infer::LfImage& lf,
                                                   int quality, const infer::LatentBand& band, const float* y,
                                                   bool choose_symbols, std::int32_t* latent) const;
  // Throws Error kCorrupt.
  void decode_band(std::span<const std::byte> stream, const infer::HyperLatent& z, const infer::LfImage& lf,
                   int quality, const infer::LatentBand& band, std::int32_t* latent) const;

 private:
  class Encode;
  class Decode;

  // Runs h_s over a band; for each position `code`.begin(), and for each latent that is coded there
  // `code`(its channel, quantizer, activity and table), which gives its symbol.
  template <typename Code>
  void code_band(const infer::HyperLatent& z, const infer::LfImage& lf, int quality,
                 const infer::LatentBand& band, std::int32_t* latent, Code& code) const;

  const infer::PhotoModel& model_;
  entropy::SymbolBits bits_;
  std::vector<bool> is_lf_;    // by channel
  std::vector<int> lf_place_;  // by channel: in the LF image, or -1
};

}  // namespace vaec::codec
