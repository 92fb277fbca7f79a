// How a picture's samples become what the plane coder takes: as a palette's indices, or channel by channel. The same
// for the whole picture (codec/lossless_choice.hpp chooses it).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "entropy/plane_coder.hpp"

namespace vaec::codec {

// What a pixel has: grey, grey and alpha, RGB, RGBA.
struct PixelLayout {
  int channels = 1;  // alpha counted in
  int bit_depth = 8;

  [[nodiscard]] bool has_alpha() const { return channels % 2 == 0; }
  [[nodiscard]] int colours() const { return channels < 3 ? 1 : 3; }
  [[nodiscard]] std::int32_t largest() const { return (1 << bit_depth) - 1; }
};

struct LosslessPlan {
  // Of `palette.size() / channels` pixels, 1..256 of them; empty: no palette. Then nothing else counts.
  std::vector<std::int32_t> palette;
  // Of each channel the values that it has, ascending, where they are few: coded as their ranks. Empty: all.
  std::array<std::vector<std::int32_t>, entropy::kMaxChannels> levels;
  int transform = 0;  // of colours
  entropy::Repeats repeats = entropy::Repeats::kNone;

  [[nodiscard]] bool has_levels() const;
  // Of one channel, as it is coded.
  [[nodiscard]] std::int32_t high(int channel, const PixelLayout& pixel) const;
  // Of bands of `rows` rows, without a palette.
  [[nodiscard]] entropy::SampleLayout samples(const PixelLayout& pixel, int width, int rows) const;
};

// The content of the chunk, docs/format.md section 5.9.
[[nodiscard]] std::vector<std::byte> write_plan(const LosslessPlan& plan, const PixelLayout& pixel);
// Throws Error kCorrupt.
[[nodiscard]] LosslessPlan read_plan(std::span<const std::byte> content, const PixelLayout& pixel);

// Pixels to what is coded of them, a row at a time.
class PlanEncoder {
 public:
  PlanEncoder(const LosslessPlan& plan, const PixelLayout& pixel);
  // In place: `width` pixels, samples side by side, alpha last; with a palette the first `width` numbers are
  // its indices afterwards.
  void apply(std::int32_t* pixels, int width) const;

 private:
  [[nodiscard]] std::int32_t index_of(const std::int32_t* pixel) const;

  const LosslessPlan& plan_;
  PixelLayout pixel_;
  std::array<std::vector<std::int32_t>, entropy::kMaxChannels> ranks_;
  struct Slot {
    std::uint64_t key = 0;
    std::int32_t index = -1;
  };
  std::vector<Slot> slots_;  // of the palette, hashed
};

// And back: `coded` is left alone with a palette, changed in place without; either way `pixels` has the row.
void undo_plan(const LosslessPlan& plan, const PixelLayout& pixel, const std::int32_t* coded, int width,
               std::int32_t* pixels);

}  // namespace vaec::codec
