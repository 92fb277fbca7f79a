// Alpha, coded losslessly (docs/format.md, section 8.4): adaptive bits for the range coder, chosen by the
// pixels above and to the left.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace vaec::codec {

inline constexpr std::uint32_t kAlphaBandRows = 512;  // as many pixel rows as a band of the latent has

// `rows` rows of `width` samples of 8 or 16 bits as one range-coded stream.
[[nodiscard]] std::vector<std::byte> encode_alpha(std::span<const std::uint8_t> samples, std::uint32_t width);
[[nodiscard]] std::vector<std::byte> encode_alpha(std::span<const std::uint16_t> samples,
                                                  std::uint32_t width);

// The other way; `samples` has the size of what is to be decoded. Throws Error kCorrupt.
void decode_alpha(std::span<const std::byte> stream, std::uint32_t width, std::span<std::uint8_t> samples);
void decode_alpha(std::span<const std::byte> stream, std::uint32_t width, std::span<std::uint16_t> samples);

}  // namespace vaec::codec
