#include "codec/photo_codec.hpp"

#include <omp.h>
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstring>
#include <mutex>
#include <string>

#include "bitstream/container.hpp"
#include "bitstream/crc32c.hpp"
#include "codec/latent_coder.hpp"
#include "codec/limits.hpp"
#include "codec/pixels.hpp"
#include "codec/torch_parts.hpp"
#include "codec/view.hpp"
#include "infer/photo_model.hpp"
#include "infer/stage.hpp"
#include "model/model_file.hpp"
#include "vaec/error.hpp"

namespace vaec::codec {
namespace {

using infer::HyperLatent;
using infer::Stage;
using infer::Stopwatch;
using model::kHyperStride;
using model::kLatentStride;

// 512 pixel rows a band: a small picture has one band, a large one enough for all threads.
constexpr int kBandRows = 32;
constexpr int kFirstRefining = 3;  // the effort from which on gradients refine the latent
constexpr int kCellsAHyper = kHyperStride / kLatentStride;
constexpr std::uint32_t kFirstPreview = 8;  // the scale from which on the linear branch is enough
// What bounds memory(): the networks, for each column of the latent grid the transforms' strips and rows of y
// that wait, for each position of a band h_s; more bands at the same time may take so much together.
constexpr std::uint64_t kMiB = std::uint64_t{1} << 20;
constexpr std::uint64_t kOwnMemory = 128 * kMiB, kColumnMemory = 160 << 10, kRowsAhead = 16,
                        kBandMemory = 2048, kBandsMemory = 256 * kMiB, kTorchMemory = 900 * kMiB,
                        kRefineCopies = 6;
constexpr int kHyperHalo = 2;  // rows of z below a band that its features depend on

// The latent grid of a picture.
struct Grid {
  int rows, columns;
  explicit Grid(const bitstream::Header& header)
      : rows(static_cast<int>(bitstream::latent_cells(header.height))),
        columns(static_cast<int>(bitstream::latent_cells(header.width))) {}
};

// Rows and columns of the latent.
struct Cells {
  int top, left, bottom, right;
};

// Those that a frame depends on, `halo` more on each side; for a whole picture all, the padding too.
Cells cells_of(const Frame& frame, const bitstream::Header& header, int halo) {
  const Grid grid(header);
  const bool whole =
      frame.left == 0 && frame.top == 0 && frame.right == header.width && frame.bottom == header.height;
  if (whole) return {0, 0, grid.rows, grid.columns};
  const auto first = [&](std::uint32_t pixel) {
    return std::max(0, static_cast<int>(pixel / kLatentStride) - halo);
  };
  const auto end = [&](std::uint32_t pixel, int size) {
    return std::min(size, static_cast<int>((pixel + kLatentStride - 1) / kLatentStride) + halo);
  };
  return {first(frame.top), first(frame.left), end(frame.bottom, grid.rows), end(frame.right, grid.columns)};
}

// Several bands at the same time, each with its share of the threads.
template <typename Work>
void for_bands(int count, const Work& work) {
  const int threads = std::max(1, omp_get_max_threads());
  if (count == 1 || threads == 1) {
    for (int i = 0; i < count; ++i) work(i);
    return;
  }
  // TBB warns on standard error when it is asked for more threads than there are cores.
  tbb::task_arena arena(std::min({count, threads, tbb::this_task_arena::max_concurrency()}));
  const int share = std::max(1, threads / count);
  arena.execute([&] {
    tbb::parallel_for(0, count, [&](int i) {
      const int before = omp_get_max_threads();
      omp_set_num_threads(share);
      work(i);
      omp_set_num_threads(before);
    });
  });
}

class PhotoCodec : public Codec {
 public:
  PhotoCodec(const model::SafeTensors& file, Precision precision)
      : file_(file),
        precision_(precision),
        model_(file, precision),
        coder_(model_),
        id_(model::model_id(file)) {}

  std::vector<std::byte> compress(const Image& image, int quality, const Limits& limits,
                                  int effort) const override {
    check_effort(effort);
    if (quality < model::kQualityMin || quality > model::kQualityMax) {
      throw Error(ErrorCode::kUsage, "quality " + std::to_string(quality) + ", expected 1..100");
    }
    if (image.width == 0 || image.height == 0 || (image.channels != 1 && image.channels != 3) ||
        image.samples.size() != std::uint64_t{image.width} * image.height * image.channels) {
      throw Error(ErrorCode::kUsage, "an image needs 1 or 3 channels and as many samples as its size says");
    }
    check_limits(image.width, image.height, limits);

    bitstream::Container container;
    auto& header = container.header;
    header.profile = bitstream::Profile::kHyperprior;
    header.model_id = id_;
    header.width = image.width;
    header.height = image.height;
    header.channels = static_cast<std::uint8_t>(image.channels);
    header.quality = static_cast<std::uint8_t>(quality);
    Encoder encoder(*this, Grid(header), quality, effort > kMinEffort,
                    bands_at_once(header, effort, kBandRows, limits));
    // Gradients follow the mean squared error, which is not what every model was trained for.
    if (effort >= kFirstRefining && model_.config().distortion == model::Distortion::kMse) {
      encoder.push_all(refined(image, Grid(header), quality, 1 << (effort - kFirstRefining + 1)));
    } else {
      analyse(image, Grid(header), quality, [&](int, int count, const float* y) { encoder.push(count, y); });
    }
    const auto hyper = coder_.encode_hyper(encoder.z(), quality);
    container.hyper = hyper;
    container.bands.assign(encoder.bands().begin(), encoder.bands().end());
    container.band_rows = kBandRows;
    container.latent_crc = encoder.checksum();
    return bitstream::write(container);
  }

  Image decompress(std::span<const std::byte> file, const Limits& limits, const View& view) const override {
    const auto container = parse(file, limits);
    const auto& header = container.header;
    const auto frame = frame_of(view, header.width, header.height);
    Image image{frame.width(), frame.height(), header.channels, {}};
    image.samples.resize(std::size_t{image.width} * image.height * image.channels);
    if (frame.scale >= kFirstPreview) {
      preview(container, frame, image, limits);
    } else {
      synthesise(container, frame, image, limits);
    }
    return image;
  }

  std::uint64_t memory_needed(std::uint32_t width, std::uint32_t height, std::uint32_t channels,
                              int effort) const override {
    return memory(width, height, channels, effort, kBandRows, 1);
  }

  std::vector<std::int32_t> decode_latent(std::span<const std::byte> file,
                                          const Limits& limits) const override {
    const auto container = parse(file, limits);
    const Grid grid(container.header);
    std::vector<std::int32_t> all;
    decode(container, grid, 0, grid.rows, limits, [&](int rows, const std::int32_t* latent) {
      all.insert(all.end(), latent, latent + static_cast<std::size_t>(rows) * row_values(grid));
    });
    return all;
  }

  ModelId id() const override { return id_; }
  std::string architecture() const override { return "photo"; }

 private:
  // Takes rows of y in order, and codes each band as soon as what it depends on is there.
  class Encoder {
   public:
    Encoder(const PhotoCodec& codec, Grid grid, int quality, bool choose_symbols, int bands_at_once)
        : codec_(codec),
          grid_(grid),
          quality_(quality),
          choose_symbols_(choose_symbols),
          bands_at_once_(bands_at_once),
          z_{grid.rows / kCellsAHyper, grid.columns / kCellsAHyper, codec.model_.config().hyper, {}},
          y_(sizeof(float) * static_cast<std::size_t>(grid.columns) * codec.model_.config().latent),
          hyper_(codec.model_.hyper_analysis(), quality, grid.rows, grid.columns,
                 [this](int, const float* row) { add_hyper_row(row); }) {
      z_.values.reserve(static_cast<std::size_t>(z_.rows) * z_.columns * z_.channels);
    }

    void push(int count, const float* y) {
      std::memcpy(y_.append(count), y, row_bytes() * static_cast<std::size_t>(count));
      add_hyper(count, y);
      code_what_is_there(y_.end(), [&](int row) { return y_.row_as<float>(row); });
      y_.drop_before(coded_);
    }
    // The whole of y at once.
    void push_all(const std::vector<float>& y) {
      add_hyper(grid_.rows, y.data());
      code_what_is_there(grid_.rows, [&](int row) { return y.data() + row_bytes() / sizeof(float) * row; });
    }

    [[nodiscard]] const HyperLatent& z() const { return z_; }
    [[nodiscard]] const std::vector<std::vector<std::byte>>& bands() const { return bands_; }
    [[nodiscard]] std::uint32_t checksum() const { return checksum_; }

   private:
    [[nodiscard]] std::size_t row_bytes() const {
      return sizeof(float) * static_cast<std::size_t>(grid_.columns) * codec_.model_.config().latent;
    }
    void add_hyper(int count, const float* y) {
      const Stopwatch watch(Stage::kHyperAnalysis);
      hyper_.push(count, y);
    }
    void add_hyper_row(const float* row) {
      constexpr float kBound = model::kHyperMagnitude;
      for (std::size_t i = 0; i < static_cast<std::size_t>(z_.columns) * z_.channels; ++i) {
        z_.values.push_back(static_cast<std::int8_t>(std::clamp(std::nearbyint(row[i]), -kBound, kBound)));
      }
    }

    template <typename RowOf>
    void code_what_is_there(int available, const RowOf& row_of) {
      const int z_rows =
          static_cast<int>(z_.values.size() / static_cast<std::size_t>(z_.columns) / z_.channels);
      while (coded_ < grid_.rows) {
        // A whole group, or the last bands.
        const int bottom = std::min(grid_.rows, coded_ + kBandRows * bands_at_once_);
        if (available < bottom || z_rows < std::min(z_.rows, bottom / kCellsAHyper + kHyperHalo)) return;
        code_group(bottom, row_of);
      }
    }
    template <typename RowOf>
    void code_group(int bottom, const RowOf& row_of) {
      const auto row_values = row_bytes() / sizeof(float);
      const int count = (bottom - coded_ + kBandRows - 1) / kBandRows;
      auto* latent = latent_.reserve_as<std::int32_t>(static_cast<std::size_t>(bottom - coded_) * row_values);
      const auto first = bands_.size();
      bands_.resize(first + static_cast<std::size_t>(count));
      for_bands(count, [&](int i) {
        const int top = coded_ + i * kBandRows, end = std::min(bottom, top + kBandRows);
        bands_[first + static_cast<std::size_t>(i)] =
            codec_.coder_.encode_band(z_, quality_, top, end, row_of(top), choose_symbols_,
                                      latent + static_cast<std::size_t>(top - coded_) * row_values);
      });
      checksum_ = bitstream::crc32c_extend(
          checksum_,
          std::span<const std::int32_t>(latent, static_cast<std::size_t>(bottom - coded_) * row_values));
      coded_ = bottom;
    }

    const PhotoCodec& codec_;
    Grid grid_;
    int quality_;
    bool choose_symbols_;
    int bands_at_once_;
    HyperLatent z_;
    infer::Rows y_;
    infer::HyperAnalysisRun hyper_;
    infer::Buffer latent_;
    std::vector<std::vector<std::byte>> bands_;
    int coded_ = 0;  // rows
    std::uint32_t checksum_ = 0;
  };

  // An upper bound of the bytes that coding takes with `bands` at a time; `effort` 0: decoding. The constants
  // were measured (docs/performance.md) and hold with a margin.
  [[nodiscard]] std::uint64_t memory(std::uint64_t width, std::uint64_t height, std::uint64_t channels,
                                     int effort, std::uint64_t band_rows, std::uint64_t bands) const {
    const std::uint64_t rows = bitstream::latent_cells(static_cast<std::uint32_t>(height)),
                        columns = bitstream::latent_cells(static_cast<std::uint32_t>(width));
    const auto position = static_cast<std::uint64_t>(model_.config().latent) * sizeof(float);
    const bool refines = effort >= kFirstRefining;
    auto bytes = kOwnMemory + width * height * channels + columns * (kColumnMemory + kRowsAhead * position) +
                 bands * std::min(band_rows, rows) * columns * (2 * position + kBandMemory);
    if (refines) bytes += kTorchMemory + kRefineCopies * rows * columns * position;
    return bytes;
  }

  // As many bands as there are threads and memory allows. Throws Error kLimit if not even one fits.
  [[nodiscard]] int bands_at_once(const bitstream::Header& header, int effort, std::uint64_t band_rows,
                                  const Limits& limits) const {
    const auto needed = [&](int bands) {
      return memory(header.width, header.height, header.channels, effort, band_rows,
                    static_cast<std::uint64_t>(bands));
    };
    if (limits.max_memory > 0 && needed(1) > limits.max_memory) {
      throw Error(ErrorCode::kLimit, "it takes up to " + std::to_string((needed(1) >> 20) + 1) +
                                         " MiB of memory, the limit is " +
                                         std::to_string(limits.max_memory >> 20) + " MiB");
    }
    int bands = std::max(1, omp_get_max_threads());
    const auto most = needed(1) + kBandsMemory;
    while (bands > 1 &&
           (needed(bands) > most || (limits.max_memory > 0 && needed(bands) > limits.max_memory)))
      --bands;
    return bands;
  }

  // What `frame` shows, through g_s.
  void synthesise(const bitstream::Container& container, const Frame& frame, Image& image,
                  const Limits& limits) const {
    const auto& header = container.header;
    const Grid grid(header);
    const auto part = cells_of(frame, header, model_.config().synthesis_halo());
    const auto width = frame.right - frame.left;
    Image line{width, 1, header.channels, std::vector<std::uint8_t>(std::size_t{width} * header.channels)};
    Downscaler scaled(frame, image);
    const auto first_sample =
        (frame.left - static_cast<std::uint32_t>(part.left) * kLatentStride) * std::size_t{3};
    infer::SynthesisRun synthesis(
        model_.synthesis(), header.quality, part.bottom - part.top, part.right - part.left,
        [&](int row, std::span<const float> rgb) {
          const auto at = static_cast<std::uint32_t>(row + part.top * kLatentStride);
          if (at < frame.top || at >= frame.bottom) return;
          if (frame.scale == 1) {
            put_row(image, static_cast<int>(at - frame.top), rgb.subspan(first_sample));
          } else {
            put_row(line, 0, rgb.subspan(first_sample));
            scaled.push(line.samples.data());
          }
        });
    decode(container, grid, part.top, part.bottom, limits, [&](int rows, const std::int32_t* latent) {
      const Stopwatch watch(Stage::kSynthesis);
      synthesis.push(latent + static_cast<std::size_t>(part.left) * model_.config().latent, rows,
                     row_values(grid));
    });
  }

  // What `frame` shows, from the linear branch alone.
  void preview(const bitstream::Container& container, const Frame& frame, Image& image,
               const Limits& limits) const {
    const Grid grid(container.header);
    const auto part = cells_of(frame, container.header, 0);
    const int side = kLatentStride / static_cast<int>(frame.scale), columns = part.right - part.left;
    const infer::Preview small(model_.synthesis().linear(), side);
    const auto gain = model_.synthesis().gain(container.header.quality);
    const auto line = static_cast<std::size_t>(columns) * side * 3;
    std::vector<float> rgb(line * side);
    int row = part.top * side - static_cast<int>(frame.top / frame.scale);  // of the image
    decode(container, grid, part.top, part.bottom, limits, [&](int rows, const std::int32_t* latent) {
      const Stopwatch watch(Stage::kSynthesis);
      latent += static_cast<std::size_t>(part.left) * model_.config().latent;
      for (int i = 0; i < rows; ++i, latent += row_values(grid)) {
        small.run(latent, columns, gain, rgb.data());
        for (int k = 0; k < side; ++k, ++row) {
          const auto skipped = (frame.left / frame.scale - static_cast<std::size_t>(part.left) * side) * 3;
          if (row >= 0) put_row(image, row, std::span(rgb).subspan(k * line + skipped, line - skipped));
        }
      }
    });
  }

  // What stands for the padding alone need not be coded: it becomes zero.
  static void clear_padding(const Image& image, const Grid& grid, int first, int count, int channels,
                            float* y) {
    const int rows = static_cast<int>((image.height + kLatentStride - 1) / kLatentStride),
              columns = static_cast<int>((image.width + kLatentStride - 1) / kLatentStride);
    const auto line = static_cast<std::size_t>(grid.columns) * channels;
    for (int row = first; row < first + count; ++row, y += line) {
      const auto kept = row < rows ? static_cast<std::size_t>(columns) * channels : 0;
      std::fill(y + kept, y + line, 0.0F);
    }
  }

  void analyse(const Image& image, const Grid& grid, int quality, const infer::Analysis::Sink& sink) const {
    std::chrono::steady_clock::duration elsewhere{};
    const auto begin = std::chrono::steady_clock::now();
    std::vector<float> copy;
    model_.analysis().run(
        quality, grid.rows, grid.columns,
        [&](int row, float* rgb) { read_row(image, row, grid.columns * kLatentStride, rgb); },
        [&](int first, int count, const float* y) {
          const auto start = std::chrono::steady_clock::now();
          const int channels = model_.config().latent;
          copy.assign(y, y + static_cast<std::size_t>(count) * grid.columns * channels);
          clear_padding(image, grid, first, count, channels, copy.data());
          sink(first, count, copy.data());
          elsewhere += std::chrono::steady_clock::now() - start;
        });
    infer::add_time(Stage::kAnalysis, std::chrono::steady_clock::now() - begin - elsewhere);
  }

  // y of the whole picture, bettered by gradients.
  std::vector<float> refined(const Image& image, const Grid& grid, int quality, int steps) const {
    std::vector<float> y;
    y.reserve(static_cast<std::size_t>(grid.rows) * grid.columns * model_.config().latent);
    analyse(image, grid, quality, [&](int, int count, const float* rows) {
      y.insert(y.end(), rows, rows + static_cast<std::size_t>(count) * grid.columns * model_.config().latent);
    });
    const Stopwatch watch(Stage::kRefine);
    refiner().refine(image, y, grid.rows, grid.columns, quality, steps);
    return y;
  }

  // Loaded when the first refinement asks for it.
  const Refiner& refiner() const {
    std::call_once(refiner_once_, [&] { refiner_ = torch_parts().make_refiner(file_, precision_); });
    return *refiner_;
  }

  [[nodiscard]] bitstream::Container parse(std::span<const std::byte> file, const Limits& limits) const {
    auto container = bitstream::parse(file);
    const auto& header = container.header;
    if (header.profile != bitstream::Profile::kHyperprior || header.model_id != id_) {
      throw Error(ErrorCode::kModel,
                  "the file needs the model " + to_hex(header.model_id) + ", this one is " + to_hex(id_));
    }
    check_limits(header.width, header.height, limits);
    return container;
  }

  [[nodiscard]] std::size_t row_values(const Grid& grid) const {
    return static_cast<std::size_t>(grid.columns) * model_.config().latent;
  }

  // Decodes the bands that hold the rows first..end - 1 of the latent and hands these to `sink` (int count,
  // const std::int32_t* latent) in order. If that is all of them, their checksum is verified, too.
  template <typename Sink>
  void decode(const bitstream::Container& container, const Grid& grid, int first, int end,
              const Limits& limits, const Sink& sink) const {
    const int quality = container.header.quality;
    const int band_rows = static_cast<int>(std::min<std::uint64_t>(container.band_rows, grid.rows)),
              group = bands_at_once(container.header, 0, band_rows, limits);
    const auto z =
        coder_.decode_hyper(container.hyper, quality, grid.rows / kCellsAHyper, grid.columns / kCellsAHyper);
    const int last_band = (end + band_rows - 1) / band_rows;
    infer::Buffer buffer;
    std::uint32_t checksum = 0;
    for (int band = first / band_rows; band < last_band; band += group) {
      const int count = std::min(group, last_band - band), top = band * band_rows,
                bottom = std::min(grid.rows, (band + count) * band_rows);
      auto* latent =
          buffer.reserve_as<std::int32_t>(static_cast<std::size_t>(bottom - top) * row_values(grid));
      for_bands(count, [&](int i) {
        const int band_top = top + i * band_rows;
        try {
          coder_.decode_band(container.bands[static_cast<std::size_t>(band + i)], z, quality, band_top,
                             std::min(bottom, band_top + band_rows),
                             latent + static_cast<std::size_t>(band_top - top) * row_values(grid));
        } catch (const Error& error) {
          throw Error(error.code(), "latent band " + std::to_string(band + i + 1) + ": " + error.what());
        }
      });
      checksum = bitstream::crc32c_extend(
          checksum,
          std::span<const std::int32_t>(latent, static_cast<std::size_t>(bottom - top) * row_values(grid)));
      const int from = std::max(first, top), to = std::min(end, bottom);
      sink(to - from, latent + static_cast<std::size_t>(from - top) * row_values(grid));
    }
    const bool all = first == 0 && end == grid.rows;
    if (all && container.latent_crc && *container.latent_crc != checksum) {
      throw Error(
          ErrorCode::kCorrupt,
          "the decoded latent does not match its checksum: the file is damaged, or made by a faulty encoder");
    }
  }

  model::SafeTensors file_;
  Precision precision_;
  infer::PhotoModel model_;
  LatentCoder coder_;
  ModelId id_;
  mutable std::once_flag refiner_once_;
  mutable std::unique_ptr<Refiner> refiner_;
};

}  // namespace

std::unique_ptr<Codec> make_photo_codec(const model::SafeTensors& file, Precision precision) {
  return std::make_unique<PhotoCodec>(file, precision);
}

}  // namespace vaec::codec
