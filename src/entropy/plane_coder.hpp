// Codes rows of integers, up to four channels a pixel, without loss: the pixels of a picture whose colours were
// transformed, or a palette's indices. It knows of them only what range they have. docs/format.md sections 8.7 and 8.8 have the
// same in pseudo code.
//
// Which one: encode_samples() for values that neighbours say something about (they are predicted, and the distance
// is coded), encode_indices() for names of things (their neighbours are the context).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace vaec::entropy {

inline constexpr int kMaxChannels = 4, kMaxIndices = 256;

// Values of a channel. -2^17..2^17 at most.
struct SampleRange {
  std::int32_t low = 0, high = 0;
};

// Whether pixels are asked first to be equal to one beside them, or to what was there before where the neighbours were
// such ones: worth it in drawings, in pictures that were enlarged or have few levels.
enum class Repeats : std::uint8_t { kNone, kNear, kRemembered };

struct SampleLayout {
  int width = 0, rows = 0;  // pixels; 1 or more
  int channels = 1;         // 1..4: those coded first help the others
  std::array<SampleRange, kMaxChannels> ranges{};
  bool last_apart = false;  // the last channel has nothing to do with the others: alpha
  Repeats repeats = Repeats::kNone;
};

// Fills a row, width * channels values, those of a pixel side by side; called once for each row, from the top.
using RowSource = std::function<void(int row, std::int32_t* values)>;
// Takes a row.
using RowSink = std::function<void(int row, const std::int32_t* values)>;

// Values must be within their ranges.
[[nodiscard]] std::vector<std::byte> encode_samples(const SampleLayout& layout, const RowSource& source);
// Values are within their ranges, whatever the stream says. Throws Error kCorrupt: a stream that no encoder writes.
void decode_samples(std::span<const std::byte> stream, const SampleLayout& layout, const RowSink& sink);

// Of indices 0..count - 1, count 2..256.
[[nodiscard]] std::vector<std::byte> encode_indices(int width, int rows, int count, const RowSource& source);
void decode_indices(std::span<const std::byte> stream, int width, int rows, int count, const RowSink& sink);

}  // namespace vaec::entropy
