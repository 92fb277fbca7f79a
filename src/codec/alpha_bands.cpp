#include "codec/alpha_bands.hpp"

#include <algorithm>
#include <cstdint>
#include <string>

#include "codec/alpha_coder.hpp"
#include "codec/bands.hpp"
#include "codec/pixels.hpp"
#include "vaec/error.hpp"

namespace vaec::codec {
namespace {

template <typename Sample>
std::vector<std::vector<std::byte>> encode(const ImageView& image) {
  std::vector<std::vector<std::byte>> streams(bitstream::band_count(image.height, kAlphaBandRows));
  for_bands(static_cast<int>(streams.size()), [&](int i) {
    const auto top = static_cast<std::size_t>(i) * kAlphaBandRows;
    streams[static_cast<std::size_t>(i)] =
        encode_alpha<Sample>(image.width, std::min<std::size_t>(kAlphaBandRows, image.height - top),
                             [&](std::size_t row, Sample* to) {
                               const auto* from = row_of<Sample>(image.alpha, top + row);
                               for (std::size_t x = 0; x < image.width; ++x)
                                 to[x] = from[x * image.alpha.step];
                             });
  });
  return streams;
}

// Gives `sink` (row of the picture, its samples) all rows of the bands that a frame needs, several at the
// same time.
template <typename Sample, typename Sink>
void decode_bands(const bitstream::Container& container, const Frame& frame, const Sink& sink) {
  const auto band_rows = container.alpha.rows;
  const auto first_band = frame.top / band_rows, end_band = (frame.bottom - 1) / band_rows + 1;
  for_bands(static_cast<int>(end_band - first_band), [&](int i) {
    const auto band = first_band + static_cast<std::uint32_t>(i);
    const auto top = std::size_t{band} * band_rows;
    try {
      decode_alpha<Sample>(container.alpha.streams[band], container.header.width,
                           std::min<std::size_t>(band_rows, container.header.height - top),
                           [&](std::size_t row, const Sample* samples) { sink(top + row, samples); });
    } catch (const Error& error) {
      throw Error(error.code(), "alpha band " + std::to_string(band + 1) + ": " + error.what());
    }
  });
}

template <typename Sample>
void decode(const bitstream::Container& container, const Frame& frame, const ImageBuffer& image) {
  const std::size_t columns = frame.right - frame.left;
  if (frame.scale == 1) {
    decode_bands<Sample>(container, frame, [&](std::size_t row, const Sample* samples) {
      if (row < frame.top || row >= frame.bottom) return;
      auto* to = row_of<Sample>(image.alpha, row - frame.top);
      for (std::size_t x = 0; x < columns; ++x) to[x * image.alpha.step] = samples[frame.left + x];
    });
    return;
  }
  // The cells of a smaller picture reach over bands.
  std::vector<Sample> plane(std::size_t{frame.bottom - frame.top} * columns);
  decode_bands<Sample>(container, frame, [&](std::size_t row, const Sample* samples) {
    if (row < frame.top || row >= frame.bottom) return;
    std::copy_n(samples + frame.left, columns, plane.data() + (row - frame.top) * columns);
  });
  Downscaler<Sample> scaled(frame, 1, image.alpha);
  for (std::size_t at = 0; at < plane.size(); at += columns) scaled.push(plane.data() + at);
}

}  // namespace

std::vector<std::vector<std::byte>> encode_alpha_bands(const ImageView& image) {
  return image.bit_depth == 16 ? encode<std::uint16_t>(image) : encode<std::uint8_t>(image);
}

void decode_alpha_bands(const bitstream::Container& container, const Frame& frame, const ImageBuffer& image) {
  if (image.bit_depth == 16) {
    decode<std::uint16_t>(container, frame, image);
  } else {
    decode<std::uint8_t>(container, frame, image);
  }
}

void check_alpha_bands(const bitstream::Container& container) {
  const auto& header = container.header;
  const Frame all{0, 0, header.width, header.height, 1};
  const auto ignore = [](std::size_t, const auto*) {};
  if (header.bit_depth == 16) {
    decode_bands<std::uint16_t>(container, all, ignore);
  } else {
    decode_bands<std::uint8_t>(container, all, ignore);
  }
}

}  // namespace vaec::codec
