#include "codec/photo_memory.hpp"

#include <omp.h>

#include <algorithm>
#include <string>

#include "base/address_space.hpp"
#include "vaec/error.hpp"

namespace vaec::codec {
namespace {

// The networks, for each column of the latent grid the transforms' strips and rows of y that wait (in a
// preview hardly more than a row), for each position of a band h_s; more bands at the same time may take so
// much together. Measured (docs/performance.md), with a margin.
constexpr std::uint64_t kMiB = std::uint64_t{1} << 20;
constexpr std::uint64_t kPhotoMemory = 128 * kMiB, kColumnMemory = 224 << 10, kRowsAhead = 16,
                        kPhotoBandMemory = 2048, kBandsMemory = 256 * kMiB, kTorchMemory = 900 * kMiB,
                        kEyeMemory = 900 * kMiB, kRefineCopies = 6, kPreviewColumnMemory = 1024,
                        kContextMemory = 5;  // of a latent in entropy::LatentContext

Work whole(std::uint32_t width, std::uint32_t height, std::uint64_t bytes_per_pixel, int effort,
           std::uint64_t band_rows) {
  const std::uint64_t rows = bitstream::latent_cells(height), columns = bitstream::latent_cells(width);
  return {rows,
          columns,
          std::min(band_rows, rows),
          (rows + band_rows - 1) / band_rows,
          columns,
          std::uint64_t{width} * height * bytes_per_pixel,
          effort};
}

}  // namespace

Cells cells_of(const Frame& frame, const Grid& grid, int halo) {
  const auto first = [&](std::uint32_t pixel) {
    return std::max(0, static_cast<int>(pixel / model::kLatentStride) - halo);
  };
  const auto end = [&](std::uint32_t pixel, int size) {
    return std::min(size, static_cast<int>((pixel + model::kLatentStride - 1) / model::kLatentStride) + halo);
  };
  return {first(frame.top), first(frame.left), end(frame.bottom, grid.rows), end(frame.right, grid.columns)};
}

std::uint64_t bands_to_fit(std::uint64_t bands, std::uint64_t columns) {
  constexpr std::uint64_t kEnoughLatents = (1 << 21) / (model::kLatentStride * model::kLatentStride);
  const auto of_one = std::max<std::uint64_t>(1, columns) * kBandRows;
  return std::min(bands, (kEnoughLatents + of_one - 1) / of_one);
}

Work work_to_compress(std::uint32_t width, std::uint32_t height, std::uint64_t bytes_per_pixel, int effort) {
  Work work = whole(width, height, bytes_per_pixel, effort, kBandRows);
  if (effort > kMinEffort) work.fitted = bands_to_fit(work.bands, work.columns);
  return work;
}

Work work_to_decompress(const bitstream::Header& header, const BandRows& band_rows, const View& view,
                        const model::PhotoConfig& config) {
  const std::uint64_t sample = header.bit_depth / 8U, bytes_per_pixel = header.channels * sample,
                      rows = std::max<std::uint64_t>(1, band_rows.latent),
                      alpha_rows = std::max<std::uint64_t>(1, band_rows.alpha);
  Work work = whole(header.width, header.height, bytes_per_pixel, 0, rows);
  const Frame frame = frame_of(view, header.width, header.height);
  if (view == View{}) return work;
  work.is_preview = frame.scale >= kFirstPreview;
  const Cells part = cells_of(frame, Grid(header), work.is_preview ? 0 : config.synthesis_halo());
  const auto first_band = static_cast<std::uint64_t>(part.top) / rows,
             end_band = (static_cast<std::uint64_t>(part.bottom) + rows - 1) / rows;
  work.bands = end_band - first_band;
  work.transformed = static_cast<std::uint64_t>(part.right - part.left);
  work.samples = std::uint64_t{frame.width()} * frame.height() * bytes_per_pixel;
  if (header.has_alpha()) {
    const auto first = frame.top / alpha_rows * alpha_rows;
    const auto end =
        std::min<std::uint64_t>(header.height, (frame.bottom + alpha_rows - 1) / alpha_rows * alpha_rows);
    work.samples += (end - first) * header.width * sample;
  }
  return work;
}

std::uint64_t memory(const Work& work, const model::PhotoConfig& config, std::uint64_t bands) {
  const auto channels = static_cast<std::uint64_t>(config.latent), position = channels * sizeof(float);
  auto bytes =
      kPhotoMemory + work.samples +
      work.transformed *
          (work.is_preview ? 2 * position + kPreviewColumnMemory : kColumnMemory + kRowsAhead * position) +
      bands * work.band_rows * work.columns * (2 * position + kContextMemory * channels + kPhotoBandMemory);
  bytes += work.fitted * work.band_rows * work.columns * position;
  if (work.effort >= kFirstRefining) {
    bytes += kTorchMemory + kRefineCopies * work.rows * work.columns * position;
    if (!config.distortion.is_mse()) bytes += kEyeMemory;  // maps of several scales, and their gradients
  }
  return bytes;
}

int bands_at_once(const Work& work, const model::PhotoConfig& config, const Limits& limits) {
  const auto needed = [&](int bands) { return memory(work, config, static_cast<std::uint64_t>(bands)); };
  if (limits.max_memory > 0 && needed(1) > limits.max_memory) {
    throw Error(ErrorCode::kLimit, "it takes up to " + std::to_string((needed(1) >> 20) + 1) +
                                       " MiB of memory, the limit is " +
                                       std::to_string(limits.max_memory >> 20) + " MiB");
  }
  auto bands =
      static_cast<int>(std::min(work.bands, static_cast<std::uint64_t>(std::max(1, omp_get_max_threads()))));
  base::check_address_space(needed(bands), bands);
  const auto most = needed(1) + kBandsMemory;
  while (bands > 1 && (needed(bands) > most || (limits.max_memory > 0 && needed(bands) > limits.max_memory)))
    --bands;
  return bands;
}

}  // namespace vaec::codec
