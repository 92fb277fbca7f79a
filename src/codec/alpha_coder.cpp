#include "codec/alpha_coder.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <set>
#include <string>

#include "bitstream/bytes.hpp"
#include "entropy/plane_coder.hpp"
#include "vaec/error.hpp"

namespace vaec::codec {
namespace {

// A band's first byte: what its samples are coded as. 1..kMostAlphaLevels: so many values are all there are.
constexpr std::size_t kMostAlphaLevels = 16;
constexpr std::uint8_t kAlphaGradient = 0, kAlphaRepeats = 0xFF;

template <typename Sample>
entropy::SampleLayout alpha_layout(std::uint32_t width, std::size_t rows, bool repeats) {
  entropy::SampleLayout layout;
  layout.width = static_cast<int>(width);
  layout.rows = static_cast<int>(rows);
  layout.ranges[0] = {0, std::numeric_limits<Sample>::max()};
  layout.repeats = repeats ? entropy::Repeats::kRemembered : entropy::Repeats::kNone;
  return layout;
}

// `source` for the plane coder, each sample as `change` makes it.
template <typename Sample, typename Change>
entropy::RowSource changed(std::uint32_t width, const AlphaSource<Sample>& source, const Change& change) {
  return [&source, change, samples = std::vector<Sample>(width)](int row, std::int32_t* values) mutable {
    source(static_cast<std::size_t>(row), samples.data());
    std::transform(samples.begin(), samples.end(), values, change);
  };
}

template <typename Sample>
std::vector<std::byte> encode_samples(std::uint32_t width, std::size_t rows, bool repeats,
                                      const AlphaSource<Sample>& source) {
  auto stream = entropy::encode_samples(alpha_layout<Sample>(width, rows, repeats),
                                        changed<Sample>(width, source, [](Sample sample) { return sample; }));
  stream.insert(stream.begin(), static_cast<std::byte>(repeats ? kAlphaRepeats : kAlphaGradient));
  return stream;
}

// All values there are, ascending; one more than kMostAlphaLevels of them if there are more.
template <typename Sample>
std::vector<Sample> levels_of(std::uint32_t width, std::size_t rows, const AlphaSource<Sample>& source) {
  std::vector<Sample> samples(width);
  std::set<Sample> levels;
  for (std::size_t row = 0; row < rows; ++row) {
    source(row, samples.data());
    for (const Sample sample : samples) {
      levels.insert(sample);
      if (levels.size() > kMostAlphaLevels) return {levels.begin(), levels.end()};
    }
  }
  return {levels.begin(), levels.end()};
}

template <typename Sample>
std::vector<std::byte> encode_levels(std::uint32_t width, std::size_t rows, const std::vector<Sample>& levels,
                                     const AlphaSource<Sample>& source) {
  bitstream::ByteWriter writer;
  writer.u8(static_cast<std::uint8_t>(levels.size()));
  for (const Sample level : levels) writer.varint(level);
  if (levels.size() > 1) {
    const auto rank = [&](Sample sample) {
      return static_cast<std::int32_t>(std::lower_bound(levels.begin(), levels.end(), sample) -
                                       levels.begin());
    };
    writer.bytes(entropy::encode_indices(static_cast<int>(width), static_cast<int>(rows),
                                         static_cast<int>(levels.size()),
                                         changed<Sample>(width, source, rank)));
  }
  return writer.take();
}

template <typename Sample>
void decode_levels(std::span<const std::byte> stream, std::uint32_t width, std::size_t rows,
                   const AlphaSink<Sample>& sink) {
  bitstream::ByteReader reader(stream);
  const int count = reader.u8("number of levels");
  std::array<Sample, kMostAlphaLevels> levels{};
  std::uint64_t least = 0;
  for (int i = 0; i < count; ++i) {
    const std::uint64_t level = reader.varint("level", least, std::numeric_limits<Sample>::max());
    levels[static_cast<std::size_t>(i)] = static_cast<Sample>(level);
    least = level + 1;
  }
  std::vector<Sample> samples(width, levels[0]);
  if (count == 1) {
    if (reader.remaining() > 0)
      throw Error(ErrorCode::kCorrupt, "found a stream of one level, expected none");
    for (std::size_t row = 0; row < rows; ++row) sink(row, samples.data());
    return;
  }
  entropy::decode_indices(reader.bytes(reader.remaining(), "levels"), static_cast<int>(width),
                          static_cast<int>(rows), count, [&](int row, const std::int32_t* values) {
                            for (std::uint32_t x = 0; x < width; ++x)
                              samples[x] = levels[static_cast<std::size_t>(values[x])];
                            sink(static_cast<std::size_t>(row), samples.data());
                          });
}

}  // namespace

template <typename Sample>
std::vector<std::byte> encode_alpha(std::uint32_t width, std::size_t rows,
                                    const AlphaSource<Sample>& source) {
  const auto levels = levels_of(width, rows, source);
  if (levels.size() <= kMostAlphaLevels) return encode_levels(width, rows, levels, source);
  // A cut-out repeats its values, a gradient does not; alpha is little beside the rest, so both are tried.
  auto gradient = encode_samples(width, rows, false, source),
       repeating = encode_samples(width, rows, true, source);
  return repeating.size() < gradient.size() ? repeating : gradient;
}

template <typename Sample>
void decode_alpha(std::span<const std::byte> stream, std::uint32_t width, std::size_t rows,
                  const AlphaSink<Sample>& sink) {
  const int kind = bitstream::ByteReader(stream).u8("kind of alpha");
  if (kind != kAlphaGradient && kind != kAlphaRepeats) {
    if (kind > static_cast<int>(kMostAlphaLevels))
      throw Error(ErrorCode::kCorrupt, "found an unknown kind of alpha, " + std::to_string(kind));
    decode_levels(stream, width, rows, sink);
    return;
  }
  std::vector<Sample> samples(width);
  entropy::decode_samples(stream.subspan(1), alpha_layout<Sample>(width, rows, kind == kAlphaRepeats),
                          [&](int row, const std::int32_t* values) {
                            for (std::uint32_t x = 0; x < width; ++x)
                              samples[x] = static_cast<Sample>(values[x]);
                            sink(static_cast<std::size_t>(row), samples.data());
                          });
}

template std::vector<std::byte> encode_alpha(std::uint32_t, std::size_t, const AlphaSource<std::uint8_t>&);
template std::vector<std::byte> encode_alpha(std::uint32_t, std::size_t, const AlphaSource<std::uint16_t>&);
template void decode_alpha(std::span<const std::byte>, std::uint32_t, std::size_t,
                           const AlphaSink<std::uint8_t>&);
template void decode_alpha(std::span<const std::byte>, std::uint32_t, std::size_t,
                           const AlphaSink<std::uint16_t>&);

}  // namespace vaec::codec
