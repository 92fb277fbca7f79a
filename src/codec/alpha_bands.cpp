#include "codec/alpha_bands.hpp"

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>

#include "codec/alpha_coder.hpp"
#include "codec/bands.hpp"
#include "vaec/error.hpp"

namespace vaec::codec {
namespace {

template <typename Sample>
std::vector<std::vector<std::byte>> encode(const std::vector<Sample>& alpha, std::uint32_t width,
                                           std::uint32_t height) {
  const auto band = std::size_t{kAlphaBandRows} * width;
  std::vector<std::vector<std::byte>> streams(bitstream::band_count(height, kAlphaBandRows));
  for_bands(static_cast<int>(streams.size()), [&](int i) {
    const auto first = static_cast<std::size_t>(i) * band;
    streams[static_cast<std::size_t>(i)] =
        encode_alpha(std::span(alpha).subspan(first, std::min(band, alpha.size() - first)), width);
  });
  return streams;
}

template <typename Sample>
std::vector<Sample> decode(const bitstream::Container& container, const Frame& frame) {
  const auto band_rows = container.alpha.rows;
  const auto& streams = container.alpha.streams;
  const auto width = container.header.width, height = container.header.height;
  const auto first_band = frame.top / band_rows, end_band = (frame.bottom - 1) / band_rows + 1;
  const auto first = first_band * band_rows;
  const auto end =
      static_cast<std::uint32_t>(std::min<std::uint64_t>(height, std::uint64_t{end_band} * band_rows));
  std::vector<Sample> plane(std::size_t{end - first} * width);
  for_bands(static_cast<int>(end_band - first_band), [&](int i) {
    const auto band = first_band + static_cast<std::uint32_t>(i);
    const auto top = static_cast<std::size_t>(i) * band_rows;
    const auto rows = std::min<std::size_t>(band_rows, end - first - top);
    try {
      decode_alpha(streams[band], width, std::span(plane).subspan(top * width, rows * width));
    } catch (const Error& error) {
      throw Error(error.code(), "alpha band " + std::to_string(band + 1) + ": " + error.what());
    }
  });
  if (frame.scale == 1 && plane.size() == std::size_t{frame.width()} * frame.height()) return plane;
  return framed(plane, width, 1, frame, first);
}

}  // namespace

std::vector<std::vector<std::byte>> encode_alpha_bands(const Image& image) {
  return image.bit_depth == 16 ? encode(image.alpha16, image.width, image.height)
                               : encode(image.alpha, image.width, image.height);
}

void decode_alpha_bands(const bitstream::Container& container, const Frame& frame, Image& image) {
  if (container.header.bit_depth == 16) {
    image.alpha16 = decode<std::uint16_t>(container, frame);
  } else {
    image.alpha = decode<std::uint8_t>(container, frame);
  }
}

}  // namespace vaec::codec
