#include "codec/lossless_codec.hpp"

#include <omp.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "base/address_space.hpp"
#include "base/stage.hpp"
#include "bitstream/container.hpp"
#include "codec/bands.hpp"
#include "codec/limits.hpp"
#include "codec/lossless_bands.hpp"
#include "codec/lossless_choice.hpp"
#include "codec/packed_metadata.hpp"
#include "codec/pixel_rows.hpp"
#include "codec/threads.hpp"
#include "codec/view.hpp"
#include "vaec/error.hpp"

namespace vaec::codec {
namespace {

// Upper bounds, measured with a margin: what is there anyway; of a band its tables, and for each column three rows of
// cells (entropy/sample_predictor.hpp) and two of samples.
constexpr std::uint64_t kOwnMemory = std::uint64_t{16} << 20, kBandMemory = std::uint64_t{6} << 20,
                        kCellMemory = 3 * 32 + 3 * 4;

std::uint64_t memory(std::uint64_t samples, std::uint64_t columns, std::uint64_t channels,
                     std::uint64_t bands) {
  return kOwnMemory + samples + bands * (kBandMemory + columns * channels * kCellMemory);
}

// As many bands at the same time as there are, and as threads and memory allow. Throws Error kLimit if not even one
// fits.
int bands_at_once(std::uint64_t samples, std::uint64_t columns, std::uint64_t channels, std::uint64_t bands,
                  const Limits& limits) {
  const auto needed = [&](int count) {
    return memory(samples, columns, channels, static_cast<std::uint64_t>(count));
  };
  if (limits.max_memory > 0 && needed(1) > limits.max_memory) {
    throw Error(ErrorCode::kLimit, "it takes up to " + std::to_string((needed(1) >> 20) + 1) +
                                       " MiB of memory, the limit is " +
                                       std::to_string(limits.max_memory >> 20) + " MiB");
  }
  auto count =
      static_cast<int>(std::min(bands, static_cast<std::uint64_t>(std::max(1, omp_get_max_threads()))));
  base::check_address_space(needed(count), count);
  while (count > 1 && limits.max_memory > 0 && needed(count) > limits.max_memory) --count;
  return count;
}

// Of noise the streams are about as large as the samples; the file is made of them while they are there.
std::uint64_t samples_to_compress(std::uint64_t pixels, std::uint64_t bytes_per_pixel) {
  return pixels * bytes_per_pixel * 7 / 2;
}

class LosslessCodec : public Codec {
 public:
  std::vector<std::byte> compress(const ImageView& image, const CompressOptions& options) const override {
    const OpenMpThreads threads(options.threads);
    const Limits& limits = options.limits;
    check_image(image);
    check_limits(image.width, image.height, limits);
    const PackedMetadata metadata(image.metadata, limits);
    const PixelLayout pixel = layout_of(image);
    bitstream::Container container;
    metadata.put_into(container);
    auto& header = container.header;
    header.profile = bitstream::Profile::kLossless;
    header.width = image.width;
    header.height = image.height;
    header.channels = static_cast<std::uint8_t>(pixel.channels);
    header.bit_depth = static_cast<std::uint8_t>(pixel.bit_depth);
    const std::uint32_t rows = lossless_band_rows(image.width, image.height),
                        bands = bitstream::band_count(image.height, rows);
    const int at_once =
        bands_at_once(samples_to_compress(std::uint64_t{image.width} * image.height,
                                          static_cast<std::uint64_t>(pixel.channels * pixel.bit_depth / 8)),
                      image.width, static_cast<std::uint64_t>(pixel.channels), bands, limits);
    const auto plan = [&] {
      const base::StageTimer timer(base::Stage::kLossless);
      return choose_plan(image);
    }();
    const auto plan_bytes = write_plan(plan, pixel);
    std::vector<std::vector<std::byte>> streams(bands);
    for_groups(bands, at_once, [&](std::uint32_t band) {
      const base::StageTimer timer(base::Stage::kLossless);
      const std::uint32_t top = band * rows;
      streams[band] = encode_lossless_band(image, plan, top, std::min(rows, image.height - top));
    });
    container.plan = plan_bytes;
    container.band_rows = rows;
    container.bands.assign(streams.begin(), streams.end());
    return bitstream::write(container);
  }

  Image decompress(std::span<const std::byte> file, const DecompressOptions& options) const override {
    const OpenMpThreads threads(options.threads);
    const auto container = parse(file, options.limits);
    const auto& header = container.header;
    const auto frame = frame_of(options.view, header.width, header.height);
    const int bands = bands_to_decode(container, options.limits, options.view);
    Image image =
        make_image({frame.width(), frame.height()}, header.colours(), header.bit_depth, header.has_alpha());
    image.metadata = metadata_of(container, options.limits);
    decode(container, frame, buffer_of(image), bands);
    return image;
  }

  Metadata decompress_into(std::span<const std::byte> file, const ImageBuffer& image,
                           const DecompressOptions& options) const override {
    const OpenMpThreads threads(options.threads);
    const auto container = parse(file, options.limits);
    const auto& header = container.header;
    const auto frame = frame_of(options.view, header.width, header.height);
    check_buffer(image, {frame.width(), frame.height()}, header.colours(), header.bit_depth);
    const int bands = bands_to_decode(container, options.limits, options.view);
    auto metadata = metadata_of(container, options.limits);
    decode(container, frame, image, bands);
    if (image.has_alpha() && !header.has_alpha()) fill_alpha(image);
    return metadata;
  }

  void check(std::span<const std::byte> file, const DecompressOptions& options) const override {
    const OpenMpThreads threads(options.threads);
    const auto container = parse(file, options.limits);
    const auto& header = container.header;
    const int bands = bands_to_decode(container, options.limits, {});
    (void)metadata_of(container, options.limits);
    for_rows(container, frame_of({}, header.width, header.height), bands,
             [](std::size_t, const std::int32_t*) {});
  }

  std::uint64_t memory_to_compress(std::uint32_t width, std::uint32_t height, std::uint32_t bytes_per_pixel,
                                   const CompressOptions&) const override {
    return memory(samples_to_compress(std::uint64_t{width} * height, bytes_per_pixel), width,
                  std::min(bytes_per_pixel, 4U), 1);
  }

  std::uint64_t memory_to_decompress(const FileInfo& file, const DecompressOptions& options) const override {
    bitstream::Header header;
    header.width = file.width;
    header.height = file.height;
    header.channels = static_cast<std::uint8_t>(file.channels + (file.has_alpha ? 1 : 0));
    header.bit_depth = static_cast<std::uint8_t>(file.bit_depth);
    return memory(samples_to_decompress(header, options.view), header.width, header.channels, 1);
  }

  ModelId id() const override { return {}; }
  std::string architecture() const override { return "lossless"; }

 private:
  static bitstream::Container parse(std::span<const std::byte> file, const Limits& limits) {
    auto container = bitstream::parse(file);
    const auto& header = container.header;
    if (header.profile != bitstream::Profile::kLossless)
      throw Error(ErrorCode::kModel, "the file needs the model " + to_hex(header.model_id));
    check_limits(header.width, header.height, limits);
    return container;
  }

  static std::uint64_t samples_to_decompress(const bitstream::Header& header, const View& view) {
    const Frame frame = frame_of(view, header.width, header.height);
    const std::uint64_t bytes_per_pixel = header.channels * (header.bit_depth / 8U);
    const std::uint64_t whole = std::uint64_t{frame.right - frame.left} * (frame.bottom - frame.top);
    // A smaller picture is made of all the pixels of its frame.
    return (std::uint64_t{frame.width()} * frame.height() + (frame.scale > 1 ? whole : 0)) * bytes_per_pixel;
  }

  static int bands_to_decode(const bitstream::Container& container, const Limits& limits, const View& view) {
    const auto& header = container.header;
    return bands_at_once(samples_to_decompress(header, view), header.width, header.channels,
                         container.bands.size(), limits);
  }

  // Hands `sink` (row of the picture, its pixels) the rows of all bands that a frame needs, several at the same time.
  template <typename Sink>
  static void for_rows(const bitstream::Container& container, const Frame& frame, int at_once,
                       const Sink& sink) {
    const auto& header = container.header;
    const PixelLayout pixel{header.channels, header.bit_depth};
    const LosslessPlan plan = read_plan(container.plan, pixel);
    const std::uint32_t rows = container.band_rows, first = frame.top / rows,
                        end = (frame.bottom - 1) / rows + 1;
    for_groups(end - first, at_once, [&](std::uint32_t i) {
      const base::StageTimer timer(base::Stage::kLossless);
      const std::uint32_t band = first + i, top = band * rows;
      try {
        decode_lossless_band(
            container.bands[band], plan, pixel, header.width, std::min(rows, header.height - top),
            [&](int row, const std::int32_t* pixels) { sink(top + static_cast<std::size_t>(row), pixels); });
      } catch (const Error& error) {
        throw Error(error.code(), "pixel band " + std::to_string(band + 1) + ": " + error.what());
      }
    });
  }

  static void decode(const bitstream::Container& container, const Frame& frame, const ImageBuffer& image,
                     int at_once) {
    const auto& header = container.header;
    const bool has_alpha = header.has_alpha();
    const std::size_t left = std::size_t{frame.left} * header.channels;
    const auto fill = [&](const ImageBuffer& to) {
      for_rows(container, frame, at_once, [&](std::size_t row, const std::int32_t* pixels) {
        if (row >= frame.top && row < frame.bottom) put_pixels(to, row - frame.top, pixels + left, has_alpha);
      });
    };
    if (frame.scale == 1) {
      fill(image);
      return;
    }
    // The cells of a smaller picture reach over bands.
    Image whole = make_image({frame.right - frame.left, frame.bottom - frame.top}, image.channels,
                             image.bit_depth, has_alpha && image.has_alpha());
    fill(buffer_of(whole));
    if (image.bit_depth == 16) {
      reduce(frame, whole.samples16, image.channels, image.colour);
      if (whole.has_alpha()) reduce(frame, whole.alpha16, 1, image.alpha);
    } else {
      reduce(frame, whole.samples, image.channels, image.colour);
      if (whole.has_alpha()) reduce(frame, whole.alpha, 1, image.alpha);
    }
  }

  template <typename Sample>
  static void reduce(const Frame& frame, const std::vector<Sample>& samples, std::uint32_t channels,
                     const Plane<void*>& result) {
    Downscaler<Sample> scaled(frame, channels, result);
    const std::size_t line = std::size_t{frame.right - frame.left} * channels;
    for (std::size_t at = 0; at < samples.size(); at += line) scaled.push(samples.data() + at);
  }
};

}  // namespace

std::unique_ptr<Codec> make_lossless_codec() { return std::make_unique<LosslessCodec>(); }

}  // namespace vaec::codec
