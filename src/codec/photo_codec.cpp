#include "codec/photo_codec.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <mutex>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "base/stage.hpp"
#include "bitstream/container.hpp"
#include "codec/alpha_bands.hpp"
#include "codec/alpha_coder.hpp"
#include "codec/bands.hpp"
#include "codec/exact_blocks.hpp"
#include "codec/filter_coder.hpp"
#include "codec/guard.hpp"
#include "codec/latent_coder.hpp"
#include "codec/lf_coder.hpp"
#include "codec/limits.hpp"
#include "codec/lossless_codec.hpp"
#include "codec/packed_metadata.hpp"
#include "codec/parts.hpp"
#include "codec/photo_decoder.hpp"
#include "codec/photo_encoder.hpp"
#include "codec/photo_memory.hpp"
#include "codec/pixels.hpp"
#include "codec/threads.hpp"
#include "codec/transparent.hpp"
#include "codec/view.hpp"
#include "infer/photo_model.hpp"
#include "model/model_file.hpp"
#include "vaec/error.hpp"

namespace vaec::codec {
namespace {

using base::Stage;
using base::StageTimer;
using model::kLatentStride;

// Whether a file needs no model. Of what is no .vaec file it is told later.
bool is_lossless(std::span<const std::byte> file) {
  try {
    return bitstream::parse_header(file).profile == bitstream::Profile::kLossless;
  } catch (const Error&) {
    return false;
  }
}

// About how many bits a position's latents cost, up to a factor.
double bits_of(const std::int32_t* latent, std::size_t count) {
  double bits = 0;
  for (std::size_t i = 0; i < count; ++i)
    bits += latent[i] == 0 ? 0 : std::log2(1 + std::abs(latent[i]) / static_cast<double>(model::kMeanUnit));
  return bits;
}

// Adds up the squared errors of rows of pixels, block by block; what is fully transparent has none.
class ErrorsOfRows {
 public:
  ErrorsOfRows(const ImageView& image, int columns, std::vector<double>& errors)
      : image_(image),
        columns_(columns),
        errors_(errors),
        row_(static_cast<std::size_t>(columns) * kLatentStride * 3) {}

  // RGB in 1/64 of a code value.
  void add(int row, std::span<const std::int16_t> rgb) {
    if (static_cast<std::uint32_t>(row) >= image_.height) return;
    read_row(image_, row, columns_ * kLatentStride, row_.data());
    auto* errors =
        &errors_[static_cast<std::size_t>(row / kLatentStride) * static_cast<std::size_t>(columns_)];
    for (std::uint32_t x = 0; x < image_.width; ++x) {
      if (is_transparent(x, static_cast<std::size_t>(row))) continue;
      float sum = 0;
      for (std::size_t c = 0; c < 3; ++c) {
        const float error =
            std::clamp(static_cast<float>(rgb[x * 3 + c]) / 64, 0.0F, 255.0F) - row_[x * 3 + c];
        sum += error * error;
      }
      errors[x / kLatentStride] += sum / 3;
    }
  }

 private:
  [[nodiscard]] bool is_transparent(std::size_t x, std::size_t y) const {
    if (!image_.has_alpha()) return false;
    const std::size_t at = x * image_.alpha.step;
    return image_.bit_depth == 16 ? row_of<std::uint16_t>(image_.alpha, y)[at] == 0
                                  : row_of<std::uint8_t>(image_.alpha, y)[at] == 0;
  }

  const ImageView& image_;
  int columns_;
  std::vector<double>& errors_;
  std::vector<float> row_;
};

class PhotoCodec : public LatentCodec {
 public:
  PhotoCodec(const model::SafeTensors& file, infer::Number number)
      : file_(file),
        model_(file, number),
        coder_(model_),
        decoder_(model_, coder_),
        id_(model::model_id(file)) {}

  std::vector<std::byte> compress(const ImageView& image, const CompressOptions& options) const override {
    const OpenMpThreads threads(options.threads);
    check_effort(options.effort);
    check_quality(options.quality);
    check_image(image);
    check_limits(image.width, image.height, options.limits);
    if (options.guard && has_room_to_guard(image, options)) {
      const auto drawn = [&] {
        const StageTimer timer(Stage::kGuard);
        return drawn_blocks(image);
      }();
      if (drawn.any()) return guarded(image, options, drawn);
    }
    return compress_lossy(image, options, nullptr);
  }

  Image decompress(std::span<const std::byte> file, const DecompressOptions& options) const override {
    if (is_lossless(file)) return lossless_->decompress(file, options);
    const OpenMpThreads threads(options.threads);
    const auto container = parse(file, options.limits);
    const auto& header = container.header;
    const auto frame = frame_of(options.view, header.width, header.height);
    const int bands = decoder_.bands_to_decode(container, options.limits, options.view);
    Image image =
        make_image({frame.width(), frame.height()}, header.colours(), header.bit_depth, header.has_alpha());
    image.metadata = metadata_of(container, options.limits);
    decoder_.reconstruct(container, frame, buffer_of(image), bands);
    return image;
  }

  Metadata decompress_into(std::span<const std::byte> file, const ImageBuffer& image,
                           const DecompressOptions& options) const override {
    if (is_lossless(file)) return lossless_->decompress_into(file, image, options);
    const OpenMpThreads threads(options.threads);
    const auto container = parse(file, options.limits);
    const auto& header = container.header;
    const auto frame = frame_of(options.view, header.width, header.height);
    check_buffer(image, {frame.width(), frame.height()}, header.colours(), header.bit_depth);
    const int bands = decoder_.bands_to_decode(container, options.limits, options.view);
    auto metadata = metadata_of(container, options.limits);
    decoder_.reconstruct(container, frame, image, bands);
    return metadata;
  }

  std::uint64_t memory_to_compress(std::uint32_t width, std::uint32_t height, std::uint32_t bytes_per_pixel,
                                   const CompressOptions& options) const override {
    return memory(work_to_compress(width, height, bytes_per_pixel, options.effort), model_.config(), 1);
  }

  std::uint64_t memory_to_decompress(const FileInfo& file, const DecompressOptions& options) const override {
    if (file.profile == Profile::kLossless) return lossless_->memory_to_decompress(file, options);
    bitstream::Header header;
    header.width = file.width;
    header.height = file.height;
    header.channels = static_cast<std::uint8_t>(file.channels + (file.has_alpha ? 1 : 0));
    header.bit_depth = static_cast<std::uint8_t>(file.bit_depth);
    const auto& config = model_.config();
    return memory(work_to_decompress(header, {kBandRows, kAlphaBandRows}, options.view, config), config, 1);
  }

  std::vector<std::int32_t> decode_latent(std::span<const std::byte> file,
                                          const DecompressOptions& options) const override {
    const OpenMpThreads threads(options.threads);
    const auto container = parse(file, options.limits);
    const Grid grid(container.header);
    std::vector<std::int32_t> all;
    decoder_.decode(container, grid, 0, grid.rows, decoder_.bands_to_decode(container, options.limits),
                    [&](int rows, const std::int32_t* latent) {
                      all.insert(
                          all.end(), latent,
                          latent + static_cast<std::size_t>(rows) * grid.columns * model_.config().latent);
                    });
    return all;
  }

  void check(std::span<const std::byte> file, const DecompressOptions& options) const override {
    if (is_lossless(file)) return lossless_->check(file, options);
    const OpenMpThreads threads(options.threads);
    const auto container = parse(file, options.limits);
    const Grid grid(container.header);
    const int bands = decoder_.bands_to_decode(container, options.limits);
    decoder_.decode(container, grid, 0, grid.rows, bands, [](int, const std::int32_t*) {});
    (void)metadata_of(container, options.limits);
    if (!container.filter.empty()) (void)read_filter(container.filter, container.header.colours());
    if (!container.exact.streams.empty()) check_exact_blocks(container, bands);
    if (container.header.has_alpha()) check_alpha_bands(container);
  }

  ModelId id() const override { return id_; }
  std::string architecture() const override { return "photo"; }

 private:
  // Beside what compressing takes anyway: two copies of the colours, and what smoothing needs.
  [[nodiscard]] bool has_room_to_guard(const ImageView& image, const CompressOptions& options) const {
    constexpr std::uint64_t kBytesAPixel = 12;
    return options.limits.max_memory == 0 ||
           memory_to_compress(image.width, image.height, image.bytes_per_pixel(), options) +
                   kBytesAPixel * image.width * image.height <=
               options.limits.max_memory;
  }

  [[nodiscard]] bool has_room_for_lossless(const ImageView& image, const CompressOptions& options) const {
    return options.limits.max_memory == 0 ||
           lossless_->memory_to_compress(image.width, image.height, image.bytes_per_pixel(), options) <=
               options.limits.max_memory;
  }

  [[nodiscard]] int bands_to_encode(const ImageView& image, const CompressOptions& options) const {
    return bands_at_once(work_to_compress(image.width, image.height, image.bytes_per_pixel(), options.effort),
                         model_.config(), options.limits);
  }

  // The best by R + lambda * D of the lossy file, of one that keeps some of the blocks `drawn` exactly, and of the
  // lossless file.
  std::vector<std::byte> guarded(const ImageView& image, const CompressOptions& options,
                                 const BlockMask& drawn) const {
    auto quick = options;
    quick.effort = std::min(options.effort, kFirstRefining - 1);
    const double lambda = model_.config().lambda(options.quality);
    const auto cost = [&](const std::vector<std::byte>& file, double error) {
      return 8 * static_cast<double>(file.size()) + lambda * error;
    };
    auto best = compress_lossy(image, quick, nullptr);
    const auto [kept, lossy, exact_bytes] = [&] {
      const StageTimer timer(Stage::kGuard);
      auto costs = costs_of(image, best, options);
      const std::size_t bytes = encode_exact_blocks(image, drawn, bands_to_encode(image, options)).bytes();
      return std::tuple(worth_keeping(drawn, drawn_bits(image, drawn), bytes, costs, best.size(), lambda),
                        std::move(costs), bytes);
    }();
    double least = cost(best, lossy.total_error());
    bool is_mixed = false;
    if (kept.any()) {
      auto mixed = compress_lossy(image, quick, &kept);
      const double here = cost(mixed, lossy.error_without(kept));
      if (here < least) {
        least = here;
        best = std::move(mixed);
        is_mixed = true;
      }
    }
    // Blocks that are not drawn cost a bit or so a sample at the very least.
    constexpr double kLeastBits = model::kLatentStride * model::kLatentStride;
    const auto others = static_cast<double>(std::count(drawn.blocks.begin(), drawn.blocks.end(), 0));
    if (8 * static_cast<double>(exact_bytes) + kLeastBits * image.channels * others < 2 * least &&
        has_room_for_lossless(image, options)) {
      auto lossless = lossless_->compress(image, options);
      if (cost(lossless, 0) <= least) return lossless;
    }
    if (quick.effort == options.effort) return best;
    return compress_lossy(image, options, is_mixed ? &kept : nullptr);
  }

  // Of a lossy file, just made of the image.
  [[nodiscard]] BlockCosts costs_of(const ImageView& image, std::span<const std::byte> file,
                                    const CompressOptions& options) const {
    const auto container = bitstream::parse(file);
    const Grid grid(container.header);
    const auto blocks = static_cast<std::size_t>(grid.rows) * static_cast<std::size_t>(grid.columns);
    BlockCosts costs{std::vector<double>(blocks), std::vector<double>(blocks)};
    ErrorsOfRows errors(image, grid.columns, costs.errors);
    infer::SynthesisRun synthesis(model_.synthesis(), options.quality, grid.rows, grid.columns,
                                  [&](int row, std::span<const std::int16_t> rgb) { errors.add(row, rgb); });
    double* bits = costs.bits.data();
    const auto latents = static_cast<std::size_t>(model_.config().latent);
    decoder_.decode(container, grid, 0, grid.rows, bands_to_encode(image, options),
                    [&](int rows, const std::int32_t* latent) {
                      synthesis.push(latent, rows, latents * static_cast<std::size_t>(grid.columns));
                      for (int i = 0; i < rows * grid.columns; ++i, latent += latents)
                        *bits++ = bits_of(latent, latents);
                    });
    return costs;
  }

  // With the blocks of `mask` kept exactly, if there is one.
  std::vector<std::byte> compress_lossy(const ImageView& image, const CompressOptions& options,
                                        const BlockMask* mask) const {
    const int quality = options.quality, effort = options.effort;
    const PackedMetadata metadata(image.metadata, options.limits);
    bitstream::Container container;
    metadata.put_into(container);
    auto& header = container.header;
    header.profile = bitstream::Profile::kHyperprior;
    header.model_id = id_;
    header.width = image.width;
    header.height = image.height;
    header.channels = static_cast<std::uint8_t>(image.channels + (image.has_alpha() ? 1 : 0));
    header.bit_depth = static_cast<std::uint8_t>(image.bit_depth);
    header.quality = static_cast<std::uint8_t>(quality);
    const int at_once = bands_to_encode(image, options);
    PhotoEncoder encoder(model_, coder_, Grid(header), quality, effort > kMinEffort, at_once);
    std::vector<std::vector<std::byte>> alpha;
    if (image.has_alpha()) {
      const StageTimer timer(Stage::kAlpha);
      alpha = encode_alpha_bands(image);
      container.alpha.rows = kAlphaBandRows;
      container.alpha.streams.assign(alpha.begin(), alpha.end());
    }
    ExactBlocks exact;
    if (mask != nullptr) {
      const StageTimer timer(Stage::kLossless);
      exact = encode_exact_blocks(image, *mask, at_once);
      container.plan = exact.plan;
      container.exact.rows = exact.band_rows;
      container.exact.streams.assign(exact.streams.begin(), exact.streams.end());
    }
    Image filled;
    ImageView seen = image;
    if (mask != nullptr || has_transparent(image)) {
      const StageTimer timer(Stage::kAlpha);
      filled = with_smooth_hidden(image, mask);
      seen = filled;
    }
    const bool filters = effort > kMinEffort;
    if (filters) encoder.keep(bands_to_keep(Grid(header)));
    if (effort >= kFirstRefining) {
      encoder.push_all(refined(seen, Grid(header), quality, 1 << (effort - kFirstRefining + 1)));
    } else {
      analyse(seen, Grid(header), quality, [&](int, int count, const float* y) { encoder.push(count, y); });
    }
    std::vector<std::byte> filter;
    if (filters) {
      const StageTimer timer(Stage::kSynthesis);
      filter = fit_filter(seen, encoder.kept(), Grid(header), quality);
      container.filter = filter;
    }
    const auto lf = encoder.lf(), hyper = encoder.hyper();
    container.lf = lf;
    container.hyper = hyper;
    container.bands.assign(encoder.bands().begin(), encoder.bands().end());
    container.band_rows = kBandRows;
    container.latent_crc = encoder.checksum();
    return bitstream::write(container);
  }

  // The bands of the latent on which the last filter is fitted, spread evenly.
  static std::vector<int> bands_to_keep(const Grid& grid) {
    const int bands = (grid.rows + kBandRows - 1) / kBandRows,
              count = static_cast<int>(
                  bands_to_fit(static_cast<std::uint64_t>(bands), static_cast<std::uint64_t>(grid.columns)));
    std::vector<int> chosen;
    for (int i = 0; i < count; ++i) chosen.push_back((2 * i + 1) * bands / (2 * count));
    return chosen;
  }

  [[nodiscard]] std::vector<std::byte> fit_filter(const ImageView& image,
                                                  const std::vector<PhotoEncoder::Kept>& bands,
                                                  const Grid& grid, int quality) const {
    FilterFit fit(image);
    const int halo = model_.config().synthesis_halo() + 1;
    for (const auto& band : bands) {
      FilterFit::Run run(fit, band.top * kLatentStride, band.rows * kLatentStride,
                         grid.columns * kLatentStride, halo * kLatentStride);
      infer::SynthesisRun synthesis(model_.synthesis(), quality, band.rows, grid.columns,
                                    [&](int, std::span<const std::int16_t> rgb) { run.push(rgb); });
      synthesis.push(band.latent.data(), band.rows,
                     static_cast<std::size_t>(grid.columns) * model_.config().latent);
    }
    return write_filter(fit.best(model_.config().lambda(quality)));
  }

  void analyse(const ImageView& image, const Grid& grid, int quality,
               const infer::Analysis::Sink& sink) const {
    std::chrono::steady_clock::duration elsewhere{};
    const auto begin = std::chrono::steady_clock::now();
    model_.analysis(image.bit_depth)
        .run(
            quality, grid.rows, grid.columns,
            [&](int row, float* rgb) { read_row(image, row, grid.columns * kLatentStride, rgb); },
            [&](int first, int count, const float* y) {
              const auto start = std::chrono::steady_clock::now();
              sink(first, count, y);
              elsewhere += std::chrono::steady_clock::now() - start;
            });
    base::add_time(Stage::kAnalysis, std::chrono::steady_clock::now() - begin - elsewhere);
  }

  // y of the whole picture, bettered by gradients.
  std::vector<float> refined(const ImageView& image, const Grid& grid, int quality, int steps) const {
    std::vector<float> y;
    y.reserve(static_cast<std::size_t>(grid.rows) * grid.columns * model_.config().latent);
    analyse(image, grid, quality, [&](int, int count, const float* rows) {
      y.insert(y.end(), rows, rows + static_cast<std::size_t>(count) * grid.columns * model_.config().latent);
    });
    const StageTimer timer(Stage::kRefine);
    refiner().refine(image, y, grid.rows, grid.columns, quality, steps);
    return y;
  }

  // Loaded when the first refinement asks for it.
  const Refiner& refiner() const {
    std::call_once(refiner_once_, [&] { refiner_ = torch_parts().make_refiner(file_); });
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

  model::SafeTensors file_;
  infer::PhotoModel model_;
  LatentCoder coder_;
  PhotoDecoder decoder_;
  ModelId id_;
  std::unique_ptr<Codec> lossless_ = make_lossless_codec();
  mutable std::once_flag refiner_once_;
  mutable std::unique_ptr<Refiner> refiner_;
};

}  // namespace

std::unique_ptr<LatentCodec> make_photo_codec(const model::SafeTensors& file, infer::Number number) {
  return std::make_unique<PhotoCodec>(file, number);
}

}  // namespace vaec::codec
