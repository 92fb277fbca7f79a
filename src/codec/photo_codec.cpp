#include "codec/photo_codec.hpp"

#include <algorithm>
#include <chrono>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "base/crc32c.hpp"
#include "base/stage.hpp"
#include "bitstream/container.hpp"
#include "codec/alpha_bands.hpp"
#include "codec/alpha_coder.hpp"
#include "codec/bands.hpp"
#include "codec/latent_coder.hpp"
#include "codec/lf_coder.hpp"
#include "codec/limits.hpp"
#include "codec/lossless_codec.hpp"
#include "codec/packed_metadata.hpp"
#include "codec/parts.hpp"
#include "codec/photo_encoder.hpp"
#include "codec/photo_memory.hpp"
#include "codec/pixels.hpp"
#include "codec/threads.hpp"
#include "codec/transparent.hpp"
#include "codec/view.hpp"
#include "entropy/lf_predictor.hpp"
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

class PhotoCodec : public LatentCodec {
 public:
  PhotoCodec(const model::SafeTensors& file, infer::Number number)
      : file_(file), model_(file, number), coder_(model_), id_(model::model_id(file)) {}

  std::vector<std::byte> compress(const ImageView& image, const CompressOptions& options) const override {
    const OpenMpThreads threads(options.threads);
    const int quality = options.quality, effort = options.effort;
    const Limits& limits = options.limits;
    check_effort(effort);
    check_quality(quality);
    check_image(image);
    check_limits(image.width, image.height, limits);
    const auto icc = pack_metadata(image.metadata.icc, "ICC profile", limits.max_metadata),
               exif = pack_metadata(image.metadata.exif, "EXIF", limits.max_metadata),
               xmp = pack_metadata(image.metadata.xmp, "XMP", limits.max_metadata);

    bitstream::Container container;
    container.icc = icc;
    container.exif = exif;
    container.xmp = xmp;
    if (limits.max_metadata > 0) container.resolution = image.metadata.resolution;
    auto& header = container.header;
    header.profile = bitstream::Profile::kHyperprior;
    header.model_id = id_;
    header.width = image.width;
    header.height = image.height;
    header.channels = static_cast<std::uint8_t>(image.channels + (image.has_alpha() ? 1 : 0));
    header.bit_depth = static_cast<std::uint8_t>(image.bit_depth);
    header.quality = static_cast<std::uint8_t>(quality);
    PhotoEncoder encoder(model_, coder_, Grid(header), quality, effort > kMinEffort,
                         bands_at_once(work_to_compress(image.width, image.height,
                                                        header.channels * header.bit_depth / 8U, effort),
                                       model_.config(), limits));
    std::vector<std::vector<std::byte>> alpha;
    if (image.has_alpha()) {
      const base::StageTimer timer(base::Stage::kAlpha);
      alpha = encode_alpha_bands(image);
      container.alpha.rows = kAlphaBandRows;
      container.alpha.streams.assign(alpha.begin(), alpha.end());
    }
    Image filled;
    ImageView seen = image;
    if (has_transparent(image)) {
      const base::StageTimer timer(base::Stage::kAlpha);
      filled = with_smooth_transparency(image);
      seen = filled;
    }
    // Gradients follow the mean squared error, which is not what every model was trained for.
    if (effort >= kFirstRefining && model_.config().distortion == model::Distortion::kMse) {
      encoder.push_all(refined(seen, Grid(header), quality, 1 << (effort - kFirstRefining + 1)));
    } else {
      analyse(seen, Grid(header), quality, [&](int, int count, const float* y) { encoder.push(count, y); });
    }
    const auto lf = encoder.lf(), hyper = coder_.encode_hyper(encoder.z(), quality);
    container.lf = lf;
    container.hyper = hyper;
    container.bands.assign(encoder.bands().begin(), encoder.bands().end());
    container.band_rows = kBandRows;
    container.latent_crc = encoder.checksum();
    return bitstream::write(container);
  }

  Image decompress(std::span<const std::byte> file, const DecompressOptions& options) const override {
    if (is_lossless(file)) return lossless_->decompress(file, options);
    const OpenMpThreads threads(options.threads);
    const auto container = parse(file, options.limits);
    const auto& header = container.header;
    const auto frame = frame_of(options.view, header.width, header.height);
    const int bands = bands_to_decode(container, options.limits, options.view);
    Image image =
        make_image({frame.width(), frame.height()}, header.colours(), header.bit_depth, header.has_alpha());
    image.metadata = metadata_of(container, options.limits);
    reconstruct(container, frame, buffer_of(image), bands);
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
    const int bands = bands_to_decode(container, options.limits, options.view);
    auto metadata = metadata_of(container, options.limits);
    reconstruct(container, frame, image, bands);
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
    decode(container, grid, 0, grid.rows, bands_to_decode(container, options.limits),
           [&](int rows, const std::int32_t* latent) {
             all.insert(all.end(), latent, latent + static_cast<std::size_t>(rows) * row_values(grid));
           });
    return all;
  }

  void check(std::span<const std::byte> file, const DecompressOptions& options) const override {
    if (is_lossless(file)) return lossless_->check(file, options);
    const OpenMpThreads threads(options.threads);
    const auto container = parse(file, options.limits);
    const Grid grid(container.header);
    decode(container, grid, 0, grid.rows, bands_to_decode(container, options.limits),
           [](int, const std::int32_t*) {});
    (void)metadata_of(container, options.limits);
    if (container.header.has_alpha()) check_alpha_bands(container);
  }

  ModelId id() const override { return id_; }
  std::string architecture() const override { return "photo"; }

 private:
  // All of what `frame` shows, into an image of its size.
  void reconstruct(const bitstream::Container& container, const Frame& frame, const ImageBuffer& image,
                   int bands) const {
    if (frame.scale >= kFirstPreview) {
      preview(container, frame, image, bands);
    } else {
      synthesise(container, frame, image, bands);
    }
    if (!image.has_alpha()) return;
    const base::StageTimer timer(base::Stage::kAlpha);
    if (container.header.has_alpha()) {
      decode_alpha_bands(container, frame, image);
    } else {
      fill_alpha(image);
    }
  }

  // Before anything is allocated for what `view` shows. Throws Error kLimit.
  [[nodiscard]] int bands_to_decode(const bitstream::Container& container, const Limits& limits,
                                    const View& view = {}) const {
    const auto& config = model_.config();
    return bands_at_once(
        work_to_decompress(container.header, {container.band_rows, container.alpha.rows}, view, config),
        config, limits);
  }

  // What `frame` shows, through g_s.
  void synthesise(const bitstream::Container& container, const Frame& frame, const ImageBuffer& image,
                  int bands) const {
    const auto& header = container.header;
    const Grid grid(header);
    const auto part = cells_of(frame, grid, model_.config().synthesis_halo());
    const auto width = frame.right - frame.left;
    Image line = make_image({width, 1}, image.channels, image.bit_depth, false);
    const auto line_buffer = buffer_of(line);
    Downscaler<std::uint8_t> scaled(frame, image.channels, image.colour);
    Downscaler<std::uint16_t> scaled16(frame, image.channels, image.colour);
    const auto first_sample =
        (frame.left - static_cast<std::uint32_t>(part.left) * kLatentStride) * std::size_t{3};
    infer::SynthesisRun synthesis(
        model_.synthesis(), header.quality, part.bottom - part.top, part.right - part.left,
        [&](int row, std::span<const std::int16_t> rgb) {
          const auto at = static_cast<std::uint32_t>(row + part.top * kLatentStride);
          if (at < frame.top || at >= frame.bottom) return;
          if (frame.scale == 1) {
            put_row(image, static_cast<int>(at - frame.top), rgb.subspan(first_sample));
          } else {
            put_row(line_buffer, 0, rgb.subspan(first_sample));
            if (line.bit_depth == 16) {
              scaled16.push(line.samples16.data());
            } else {
              scaled.push(line.samples.data());
            }
          }
        });
    decode(container, grid, part.top, part.bottom, bands, [&](int rows, const std::int32_t* latent) {
      const base::StageTimer timer(base::Stage::kSynthesis);
      synthesis.push(latent + static_cast<std::size_t>(part.left) * model_.config().latent, rows,
                     row_values(grid));
    });
  }

  // What `frame` shows, from the linear branch alone; at 1/16 from the LF image alone.
  void preview(const bitstream::Container& container, const Frame& frame, const ImageBuffer& image,
               int bands) const {
    const Grid grid(container.header);
    const auto part = cells_of(frame, grid, 0);
    const int side = kLatentStride / static_cast<int>(frame.scale), columns = part.right - part.left;
    const infer::Preview small(model_.synthesis(), side);
    const auto line = static_cast<std::size_t>(columns) * side * 3;
    std::vector<std::int16_t> rgb(line * side);
    int row = part.top * side - static_cast<int>(frame.top / frame.scale);  // of the image
    const auto show = [&](const std::int32_t* latent) {
      const base::StageTimer timer(base::Stage::kSynthesis);
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

  // The LF image's channels of a row of the latent.
  void put_lf_row(const infer::LfImage& lf, int row, std::int32_t* latent) const {
    const auto& channels = model_.config().lf;
    const auto* value = lf.values.data() + static_cast<std::size_t>(row) * lf.columns * channels.size();
    for (int column = 0; column < lf.columns; ++column, latent += model_.config().latent) {
      for (const int channel : channels) latent[channel] = model::kMeanUnit / entropy::kLfUnit * *value++;
    }
  }

  // y of the whole picture, bettered by gradients.
  std::vector<float> refined(const ImageView& image, const Grid& grid, int quality, int steps) const {
    std::vector<float> y;
    y.reserve(static_cast<std::size_t>(grid.rows) * grid.columns * model_.config().latent);
    analyse(image, grid, quality, [&](int, int count, const float* rows) {
      y.insert(y.end(), rows, rows + static_cast<std::size_t>(count) * grid.columns * model_.config().latent);
    });
    const base::StageTimer timer(base::Stage::kRefine);
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

  [[nodiscard]] std::size_t row_values(const Grid& grid) const {
    return static_cast<std::size_t>(grid.columns) * model_.config().latent;
  }

  // Decodes the bands that hold the rows first..end - 1 of the latent, `group` of them at the same time, and
  // hands these rows to `sink` (int count, const std::int32_t* latent) in order. If that is all of them,
  // their checksum is verified, too.
  template <typename Sink>
  void decode(const bitstream::Container& container, const Grid& grid, int first, int end, int group,
              const Sink& sink) const {
    const int quality = container.header.quality;
    const int band_rows = static_cast<int>(std::min<std::uint64_t>(container.band_rows, grid.rows));
    const auto lf = decode_lf(model_, container.lf, grid.rows, grid.columns);
    const auto z = coder_.decode_hyper(container.hyper, quality, grid.hyper_rows, grid.hyper_columns);
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

  model::SafeTensors file_;
  infer::PhotoModel model_;
  LatentCoder coder_;
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
