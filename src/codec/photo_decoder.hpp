// The decoder's side of a photograph: bands of latents in, pixels or a smaller picture out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>

#include "codec/bands.hpp"
#include "codec/latent_coder.hpp"
#include "codec/photo_memory.hpp"
#include "codec/view.hpp"
#include "infer/photo_model.hpp"
#include "vaec/image_view.hpp"

namespace vaec::codec {

class PhotoDecoder {
 public:
  // Model and coder must outlive it.
  PhotoDecoder(const infer::PhotoModel& model, const LatentCoder& coder) : model_(model), coder_(coder) {}

  // How many bands are decoded at the same time. Before anything is allocated for what `view` shows. Throws Error
  // kLimit.
  [[nodiscard]] int bands_to_decode(const bitstream::Container& container, const Limits& limits,
                                    const View& view = {}) const;

  // All of what `frame` shows, alpha and exact blocks too, into an image of its size. Throws Error kCorrupt.
  void reconstruct(const bitstream::Container& container, const Frame& frame, const ImageBuffer& image,
                   int bands) const;

  // Takes rows of latents, [count][columns][latent] in 1/16 of a rounding step.
  using LatentSink = std::function<void(int count, const std::int32_t* latent)>;
  // Decodes the bands that hold the rows first..end - 1 of the latent, `group` of them at the same time, and hands
  // these rows to `sink` in order. If that is all of them, their checksum is verified, too. Throws Error kCorrupt.
  void decode(const bitstream::Container& container, const Grid& grid, int first, int end, int group,
              const LatentSink& sink) const;

 private:
  void synthesise(const bitstream::Container& container, const Frame& frame, const ImageBuffer& image,
                  int bands) const;
  void preview(const bitstream::Container& container, const Frame& frame, const ImageBuffer& image,
               int bands) const;
  void put_lf_row(const infer::LfImage& lf, int row, std::int32_t* latent) const;
  [[nodiscard]] std::size_t row_values(const Grid& grid) const {
    return static_cast<std::size_t>(grid.columns) * model_.config().latent;
  }

  const infer::PhotoModel& model_;
  const LatentCoder& coder_;
};

}  // namespace vaec::codec
