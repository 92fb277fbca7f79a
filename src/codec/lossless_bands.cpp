#include "codec/lossless_bands.hpp"

#include <algorithm>

#include "base/crc32c.hpp"
#include "bitstream/bytes.hpp"
#include "codec/limits.hpp"
#include "codec/pixel_rows.hpp"
#include "vaec/error.hpp"

namespace vaec::codec {
namespace {

constexpr std::uint32_t kBandPixels = 1 << 20, kLeastBandRows = 16;

// Of samples as they stand in memory: 16 bits in little-endian order.
class SampleChecksum {
 public:
  SampleChecksum(const PixelLayout& pixel, std::uint32_t width)
      : is_deep_(pixel.bit_depth == 16),
        bytes_(static_cast<std::size_t>(width) * static_cast<std::size_t>(pixel.channels) *
               (is_deep_ ? 2 : 1)) {}

  void add(const std::int32_t* samples) {
    if (is_deep_) {
      for (std::size_t i = 0; i < bytes_.size(); i += 2) {
        bytes_[i] = static_cast<std::byte>(samples[i / 2]);
        bytes_[i + 1] = static_cast<std::byte>(samples[i / 2] >> 8);
      }
    } else {
      for (std::size_t i = 0; i < bytes_.size(); ++i) bytes_[i] = static_cast<std::byte>(samples[i]);
    }
    crc_ = base::crc32c_extend(crc_, bytes_);
  }
  [[nodiscard]] std::uint32_t value() const { return crc_; }

 private:
  bool is_deep_;
  std::vector<std::byte> bytes_;  // of a row
  std::uint32_t crc_ = 0;
};

// Nothing is coded of a picture of one colour.
int palette_size(const LosslessPlan& plan, const PixelLayout& pixel) {
  return static_cast<int>(plan.palette.size()) / pixel.channels;
}

}  // namespace

std::uint32_t lossless_band_rows(std::uint32_t width, std::uint32_t height) {
  return std::min(height, std::max(kLeastBandRows, kBandPixels / width));
}

PixelLayout layout_of(const ImageView& image) {
  return {static_cast<int>(image.channels) + (image.has_alpha() ? 1 : 0), static_cast<int>(image.bit_depth)};
}

std::vector<std::byte> encode_lossless_band(const ImageView& image, const LosslessPlan& plan,
                                            std::uint32_t top, std::uint32_t rows) {
  const PixelLayout pixel = layout_of(image);
  const int width = static_cast<int>(image.width), height = static_cast<int>(rows),
            colours = palette_size(plan, pixel);
  const PlanEncoder encoder(plan, pixel);
  SampleChecksum checksum(pixel, image.width);
  std::vector<std::int32_t> pixels(static_cast<std::size_t>(width) *
                                   static_cast<std::size_t>(pixel.channels));
  const auto source = [&](int row, std::int32_t* values) {
    // With a palette there is room for one number a pixel only.
    std::int32_t* to = colours > 0 ? pixels.data() : values;
    get_pixels(image, std::size_t{top} + static_cast<std::size_t>(row), to);
    checksum.add(to);
    encoder.apply(to, width);
    if (colours > 0) std::copy_n(to, width, values);
  };
  std::vector<std::byte> stream;
  if (colours == 1) {
    std::vector<std::int32_t> indices(static_cast<std::size_t>(width));
    for (int row = 0; row < height; ++row) source(row, indices.data());
  } else if (colours > 1) {
    stream = entropy::encode_indices(width, height, colours, source);
  } else {
    stream = entropy::encode_samples(plan.samples(pixel, width, height), source);
  }
  bitstream::ByteWriter writer;
  writer.u32(checksum.value());
  writer.bytes(stream);
  return writer.take();
}

void decode_lossless_band(std::span<const std::byte> stream, const LosslessPlan& plan,
                          const PixelLayout& pixel, std::uint32_t width, std::uint32_t rows,
                          const entropy::RowSink& sink) {
  bitstream::ByteReader reader(stream);
  const std::uint32_t told = reader.u32("checksum of the samples");
  const auto coded = reader.bytes(reader.remaining(), "pixels");
  const int columns = static_cast<int>(width), height = static_cast<int>(rows),
            colours = palette_size(plan, pixel);
  SampleChecksum checksum(pixel, width);
  std::vector<std::int32_t> pixels(static_cast<std::size_t>(width) *
                                   static_cast<std::size_t>(pixel.channels));
  const auto take = [&](int row, const std::int32_t* values) {
    undo_plan(plan, pixel, values, columns, pixels.data());
    checksum.add(pixels.data());
    sink(row, pixels.data());
  };
  if (colours == 1) {
    if (!coded.empty())
      throw Error(ErrorCode::kCorrupt, "found pixels of a picture of one colour, expected none");
    const std::vector<std::int32_t> indices(static_cast<std::size_t>(width), 0);
    for (int row = 0; row < height; ++row) take(row, indices.data());
  } else if (colours > 1) {
    entropy::decode_indices(coded, columns, height, colours, take);
  } else {
    entropy::decode_samples(coded, plan.samples(pixel, columns, height), take);
  }
  check_samples(told, checksum.value());
}

}  // namespace vaec::codec
