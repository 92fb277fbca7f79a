// Alpha, coded losslessly (docs/format.md, section 8.6): as a plane of samples or, where it has few values, of
// indices.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace vaec::codec {

inline constexpr std::uint32_t kAlphaBandRows = 512;  // as many pixel rows as a band of the latent has

// A band goes through row by row. Sample: std::uint8_t or std::uint16_t.
template <typename Sample>
using AlphaSource = std::function<void(std::size_t row, Sample* to)>;  // fills a row
template <typename Sample>
using AlphaSink = std::function<void(std::size_t row, const Sample* samples)>;

// `rows` rows of `width` samples as one stream.
template <typename Sample>
[[nodiscard]] std::vector<std::byte> encode_alpha(std::uint32_t width, std::size_t rows,
                                                  const AlphaSource<Sample>& source);

// The other way. Throws Error kCorrupt.
template <typename Sample>
void decode_alpha(std::span<const std::byte> stream, std::uint32_t width, std::size_t rows,
                  const AlphaSink<Sample>& sink);

}  // namespace vaec::codec
