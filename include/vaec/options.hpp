// What compressing and decompressing can be told.
#pragma once

#include <cstdint>

#include "vaec/export.hpp"
#include "vaec/image.hpp"

namespace vaec {

// Tested before anything is allocated. Raise them for larger pictures that you trust; sides above 2^28 are refused whatever
// they say.
struct Limits {
  std::uint32_t max_side = 32768;
  std::uint64_t max_pixels = std::uint64_t{1} << 28;
  // Bytes that coding one picture may take, its samples counted in; 0: no limit. With less, work goes on in
  // smaller pieces as far as that helps.
  std::uint64_t max_memory = 0;
  std::uint64_t max_metadata = std::uint64_t{1} << 20;  // bytes of ICC profile, EXIF, XMP each; 0: all
                                                        // metadata is left out
};

// Larger is better and bigger.
inline constexpr int kMinQuality = 1, kMaxQuality = 100;
inline constexpr int kDefaultQuality = 50;  // about 0.6 bits a pixel on photographs

// How hard `compress` looks for a smaller file. Decoding takes as long for all of them.
//   1  rounds what the analysis transform gives
//   2  chooses between neighbouring symbols by rate and distortion, and fits the last filter
//   3..9  refine the latent of this very picture by 2, 4, ... 128 steps of gradient descent through the
//   decoder
inline constexpr int kMinEffort = 1, kMaxEffort = 9, kDefaultEffort = 2;

struct CompressOptions {
  int quality = kDefaultQuality;
  int effort = kDefaultEffort;  // means nothing to the `mnist` model
  // Threads that one call works on; 0: as many as there are processors that the process may use. Calls from
  // several threads have theirs each.
  int threads = 0;
  Limits limits = {};
  // Blocks of 16x16 pixels that are drawn (text, lines, dither, screens) are kept exactly where that is worth its
  // bits, and a picture whose lossless file is no worse a bargain is coded without loss. It is known which by
  // FileInfo. `photo` models only; compressing a picture with drawn parts takes about three times as long.
  bool guard = true;
};

// A part of a picture, or a smaller one.
struct View {
  // A rectangle in pixels; all four 0: the whole picture. With a scale it is widened to whole cells of it.
  std::uint32_t x = 0, y = 0, width = 0, height = 0;
  // 1, 2, 4, 8 or 16: a pixel is the mean of a cell of scale x scale pixels. From 8 on what the `photo`
  // model's linear branch makes of it alone, much faster.
  std::uint32_t scale = 1;

  [[nodiscard]] bool operator==(const View&) const = default;
};

// What a view of a picture of that size measures. Throws Error kUsage: a rectangle that is not inside the
// picture, another scale.
[[nodiscard]] VAEC_API Size size_of(const View& view, std::uint32_t width, std::uint32_t height);

struct DecompressOptions {
  View view = {};
  int threads = 0;  // as in CompressOptions
  Limits limits = {};
};

}  // namespace vaec
