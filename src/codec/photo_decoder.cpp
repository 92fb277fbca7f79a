#include "codec/photo_decoder.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "base/crc32c.hpp"
#include "base/stage.hpp"
#include "codec/alpha_bands.hpp"
#include "codec/exact_blocks.hpp"
#include "codec/filter_coder.hpp"
#include "codec/lf_coder.hpp"
#include "codec/limits.hpp"
#include "codec/pixels.hpp"
#include "entropy/lf_predictor.hpp"
#include "vaec/error.hpp"

namespace vaec::codec {

using base::Stage;
using base::StageTimer;
using model::kLatentStride;

void PhotoDecoder::reconstruct(const bitstream::Container& container, const Frame& frame,
                               const ImageBuffer& image, int bands) const {
  if (frame.scale >= kFirstPreview) {
    preview(container, frame, image, bands);
  } else {
    synthesise(container, frame, image, bands);
  }
  if (!container.exact.streams.empty()) {
    const StageTimer timer(Stage::kLossless);
    decode_exact_blocks(container, frame, image, bands);
  }
  if (!image.has_alpha()) return;
  const StageTimer timer(Stage::kAlpha);
  if (container.header.has_alpha()) {
    decode_alpha_bands(container, frame, image);
  } else {
    fill_alpha(image);
  }
}

int PhotoDecoder::bands_to_decode(const bitstream::Container& container, const Limits& limits,
                                  const View& view) const {
  const auto& config = model_.config();
  return bands_at_once(
      work_to_decompress(container.header, {container.band_rows, container.alpha.rows}, view, config), config,
      limits);
}

// What `frame` shows, through g_s.
void PhotoDecoder::synthesise(const bitstream::Container& container, const Frame& frame,
                              const ImageBuffer& image, int bands) const {
  const auto& header = container.header;
  const Grid grid(header);
  std::optional<infer::LastFilter> filter;
  if (!container.filter.empty()) filter = read_filter(container.filter, header.colours());
  const auto part = cells_of(frame, grid, model_.config().synthesis_halo() + (filter ? 1 : 0));
  const auto width = frame.right - frame.left;
  Image line = make_image({width, 1}, image.channels, image.bit_depth, false);
  const auto line_buffer = buffer_of(line);
  Downscaler<std::uint8_t> scaled(frame, image.channels, image.colour);
  Downscaler<std::uint16_t> scaled16(frame, image.channels, image.colour);
  const auto first_sample =
      (frame.left - static_cast<std::uint32_t>(part.left) * kLatentStride) * std::size_t{3};
  const infer::SynthesisRun::Sink show = [&](int row, std::span<const std::int16_t> rgb) {
    const auto at = static_cast<std::uint32_t>(row + part.top * kLatentStride);
    if (at < frame.top || at >= frame.bottom) return;
    if (frame.scale == 1) {
      put_row(image, static_cast<int>(at - frame.top), rgb.subspan(first_sample));
      return;
    }
    put_row(line_buffer, 0, rgb.subspan(first_sample));
    if (line.bit_depth == 16) {
      scaled16.push(line.samples16.data());
    } else {
      scaled.push(line.samples.data());
    }
  };
  const int rows = part.bottom - part.top, columns = part.right - part.left;
  std::optional<infer::LastFilterRun> filtered;
  if (filter) {
    filtered.emplace(*filter, rows * kLatentStride, columns * kLatentStride,
                     static_cast<int>(header.height) - part.top * kLatentStride,
                     static_cast<int>(header.width) - part.left * kLatentStride, show);
  }
  infer::SynthesisRun synthesis(model_.synthesis(), header.quality, rows, columns,
                                [&](int row, std::span<const std::int16_t> rgb) {
                                  if (filtered) return filtered->push(rgb);
                                  show(row, rgb);
                                });
  decode(container, grid, part.top, part.bottom, bands, [&](int count, const std::int32_t* latent) {
    const StageTimer timer(Stage::kSynthesis);
    synthesis.push(latent + static_cast<std::size_t>(part.left) * model_.config().latent, count,
                   row_values(grid));
  });
}

// What `frame` shows, from the linear branch alone; at 1/16 from the LF image alone.
void PhotoDecoder::preview(const bitstream::Container& container, const Frame& frame,
                           const ImageBuffer& image, int bands) const {
  const Grid grid(container.header);
  const auto part = cells_of(frame, grid, 0);
  const int side = kLatentStride / static_cast<int>(frame.scale), columns = part.right - part.left;
  const infer::Preview small(model_.synthesis(), side);
  const auto line = static_cast<std::size_t>(columns) * side * 3;
  std::vector<std::int16_t> rgb(line * side);
  int row = part.top * side - static_cast<int>(frame.top / frame.scale);  // of the image
  const auto show = [&](const std::int32_t* latent) {
    const StageTimer timer(Stage::kSynthesis);
    small.run(latent + static_cast<std::size_t>(part.left) * model_.config().latent, columns,
              container.header.quality, rgb.data());
    for (int k = 0; k < side; ++k, ++row) {
      const auto skipped = (frame.left / frame.scale - static_cast<std::size_t>(part.left) * side) * 3;
      if (row >= 0)
        put_row(image, row, std::span<const std::int16_t>(rgb).subspan(k * line + skipped, line - skipped));
    }
  };
  if (side > 1) {
    decode(container, grid, part.top, part.bottom, bands, [&](int rows, const std::int32_t* latent) {
      for (int i = 0; i < rows; ++i, latent += row_values(grid)) show(latent);
    });
    return;
  }
  const auto lf = decode_lf(model_, container.lf, grid.rows, grid.columns);
  std::vector<std::int32_t> latent(row_values(grid));
  for (int i = part.top; i < part.bottom; ++i) {
    put_lf_row(lf, i, latent.data());
    show(latent.data());
  }
}

// The LF image's channels of a row of the latent.
void PhotoDecoder::put_lf_row(const infer::LfImage& lf, int row, std::int32_t* latent) const {
  const auto& channels = model_.config().lf;
  const auto* value = lf.values.data() + static_cast<std::size_t>(row) * lf.columns * channels.size();
  for (int column = 0; column < lf.columns; ++column, latent += model_.config().latent) {
    for (const int channel : channels) latent[channel] = model::kMeanUnit / entropy::kLfUnit * *value++;
  }
}

void PhotoDecoder::decode(const bitstream::Container& container, const Grid& grid, int first, int end,
                          int group, const LatentSink& sink) const {
  const int quality = container.header.quality;
  const int band_rows = static_cast<int>(std::min<std::uint64_t>(container.band_rows, grid.rows));
  const auto lf = decode_lf(model_, container.lf, grid.rows, grid.columns);
  const auto z = decode_hyper(model_, container.hyper, quality, grid.hyper_rows, grid.hyper_columns);
  const int last_band = (end + band_rows - 1) / band_rows;
  infer::Buffer buffer;
  std::uint32_t checksum = 0;
  for (int band = first / band_rows; band < last_band; band += group) {
    const int count = std::min(group, last_band - band), top = band * band_rows,
              bottom = std::min(grid.rows, (band + count) * band_rows);
    auto* latent = buffer.reserve_as<std::int32_t>(static_cast<std::size_t>(bottom - top) * row_values(grid));
    for_bands(count, [&](int i) {
      const int band_top = top + i * band_rows;
      try {
        coder_.decode_band(container.bands[static_cast<std::size_t>(band + i)], z, lf, quality,
                           {band_top, std::min(bottom, band_top + band_rows), grid.columns},
                           latent + static_cast<std::size_t>(band_top - top) * row_values(grid));
      } catch (const Error& error) {
        throw Error(error.code(), "latent band " + std::to_string(band + i + 1) + ": " + error.what());
      }
    });
    checksum = base::crc32c_extend(
        checksum,
        std::span<const std::int32_t>(latent, static_cast<std::size_t>(bottom - top) * row_values(grid)));
    const int from = std::max(first, top), to = std::min(end, bottom);
    sink(to - from, latent + static_cast<std::size_t>(from - top) * row_values(grid));
  }
  if (first == 0 && end == grid.rows) check_latent(container.latent_crc, checksum);
}

}  // namespace vaec::codec
