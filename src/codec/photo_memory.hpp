// What coding a photograph takes of memory, told before anything of it is allocated.
#pragma once

#include <cstdint>

#include "bitstream/container.hpp"
#include "codec/bands.hpp"
#include "codec/view.hpp"
#include "model/photo_config.hpp"

namespace vaec::codec {

inline constexpr int kFirstRefining = 3;           // the effort from which on gradients refine the latent
inline constexpr std::uint32_t kFirstPreview = 8;  // the scale from which on the linear branch is enough

// Rows and columns of the latent.
struct Cells {
  int top, left, bottom, right;
};

// Those that a frame depends on, `halo` more on each side.
[[nodiscard]] Cells cells_of(const Frame& frame, const Grid& grid, int halo);

// A picture, or a view of one, as far as memory goes. All in 64 bits: it is asked before the limits are.
struct Work {
  std::uint64_t rows, columns;  // of the whole latent
  std::uint64_t band_rows, bands;
  std::uint64_t transformed;  // columns that pass through the transforms
  std::uint64_t samples;      // bytes that are there from the beginning to the end
  int effort = 0;             // 0: decoding
  std::uint64_t fitted = 0;   // bands whose latents are kept to fit the last filter on
  bool is_preview = false;
};

// Of `bands` bands of `columns` latents those on which the last filter is fitted: all of a small picture, two megapixels or
// so of a large one.
[[nodiscard]] std::uint64_t bands_to_fit(std::uint64_t bands, std::uint64_t columns);

[[nodiscard]] Work work_to_compress(std::uint32_t width, std::uint32_t height, std::uint64_t bytes_per_pixel,
                                    int effort);

// Rows of a band of latents, and of alpha.
struct BandRows {
  std::uint64_t latent, alpha;
};
// Of decoding what `view` shows: its samples; bands are decoded over the whole width, but not all of them;
// alpha likewise.
[[nodiscard]] Work work_to_decompress(const bitstream::Header& header, const BandRows& band_rows,
                                      const View& view, const model::PhotoConfig& config);

// An upper bound of the bytes that coding takes with `bands` at a time.
[[nodiscard]] std::uint64_t memory(const Work& work, const model::PhotoConfig& config, std::uint64_t bands);

// As many bands as there are, and as threads and memory allow. Throws Error kLimit if not even one fits.
[[nodiscard]] int bands_at_once(const Work& work, const model::PhotoConfig& config, const Limits& limits);

}  // namespace vaec::codec
