#include "codec/exact_blocks.hpp"

#include <algorithm>
#include <string>
#include <unordered_map>

#include "bitstream/bytes.hpp"
#include "codec/bands.hpp"
#include "codec/lossless_bands.hpp"
#include "codec/lossless_choice.hpp"
#include "codec/pixel_rows.hpp"
#include "entropy/plane_coder.hpp"
#include "model/photo_config.hpp"
#include "vaec/error.hpp"

namespace vaec::codec {
namespace {

constexpr std::uint32_t kSide = model::kLatentStride;

// A band's first byte.
constexpr std::uint8_t kSome = 0, kAll = 1;

std::uint32_t rows_a_band(std::uint32_t width, std::uint32_t height) {
  return (lossless_band_rows(width, height) + kSide - 1) / kSide * kSide;
}

// The colour that most pixels of the blocks have, of those that are looked at.
std::vector<std::int32_t> commonest_colour(const ImageView& colours, const BlockMask& mask) {
  constexpr std::size_t kStep = 5;  // beside the period of most dither
  const std::size_t channels = colours.channels;
  std::unordered_map<std::uint64_t, std::size_t> counts;
  std::vector<std::int32_t> row(colours.width * channels);
  std::uint64_t best = 0;
  std::size_t most = 0;
  for (std::size_t y = 0; y < colours.height; ++y) {
    if (y % kStep != 0 && y + 1 < colours.height) continue;
    get_pixels(colours, y, row.data());
    for (std::size_t x = y % kStep; x < colours.width; x += kStep) {
      if (!mask.has_pixel(x, y)) continue;
      std::uint64_t key = 0;
      for (std::size_t c = 0; c < channels; ++c)
        key = key << 16 | static_cast<std::uint32_t>(row[x * channels + c]);
      const std::size_t count = ++counts[key];
      if (count <= most) continue;
      most = count;
      best = key;
    }
  }
  std::vector<std::int32_t> colour(channels);
  for (std::size_t c = channels; c-- > 0; best >>= 16) colour[c] = static_cast<std::int32_t>(best & 0xFFFF);
  return colour;
}

// The picture's colours, with one colour in all other blocks: they are coded, too, and cost next to nothing so.
Image without_others(const ImageView& image, const BlockMask& mask) {
  ImageView colours = image;
  colours.alpha = {};
  Image kept = make_image({image.width, image.height}, image.channels, image.bit_depth, false);
  const ImageBuffer to = buffer_of(kept);
  const auto common = commonest_colour(colours, mask);
  const std::size_t channels = image.channels;
  std::vector<std::int32_t> row(image.width * channels);
  for (std::size_t y = 0; y < image.height; ++y) {
    get_pixels(colours, y, row.data());
    for (std::size_t column = 0; column < mask.columns; ++column) {
      if (mask.has(y / kSide, column)) continue;
      const std::size_t end = std::min<std::size_t>(image.width, (column + 1) * kSide);
      for (std::size_t x = column * kSide; x < end; ++x)
        std::copy(common.begin(), common.end(), &row[x * channels]);
    }
    put_pixels(to, y, row.data(), false);
  }
  return kept;
}

std::vector<std::byte> encode_band(const ImageView& kept, const BlockMask& mask, const LosslessPlan& plan,
                                   std::uint32_t top, std::uint32_t rows) {
  const std::size_t first = top / kSide, count = (rows + kSide - 1) / kSide;
  const auto* blocks = &mask.blocks[first * mask.columns];
  const auto chosen = std::count(blocks, blocks + count * mask.columns, 1);
  if (chosen == 0) return {};
  bitstream::ByteWriter writer;
  if (static_cast<std::size_t>(chosen) == count * mask.columns) {
    writer.u8(kAll);
  } else {
    const auto stream = entropy::encode_indices(
        static_cast<int>(mask.columns), static_cast<int>(count), 2, [&](int row, std::int32_t* values) {
          std::copy_n(blocks + static_cast<std::size_t>(row) * mask.columns, mask.columns, values);
        });
    writer.u8(kSome);
    writer.varint(stream.size());
    writer.bytes(stream);
  }
  writer.bytes(encode_lossless_band(kept, plan, top, rows));
  return writer.take();
}

// Of one band; its stream is not empty. Sets the band's part of `mask`.
void decode_band(const bitstream::Container& container, const LosslessPlan& plan, std::uint32_t band,
                 BlockMask& mask, const entropy::RowSink& sink) {
  const auto& header = container.header;
  const std::uint32_t top = band * container.exact.rows,
                      rows = std::min(container.exact.rows, header.height - top);
  const std::size_t count = (rows + kSide - 1) / kSide;
  auto* blocks = &mask.blocks[top / kSide * mask.columns];
  bitstream::ByteReader reader(container.exact.streams[band]);
  const int kind = reader.u8("which blocks are exact");
  if (kind > kAll)
    throw Error(ErrorCode::kCorrupt,
                "found " + std::to_string(kind) + " for which blocks are exact, expected 0 or 1");
  if (kind == kAll) {
    std::fill_n(blocks, count * mask.columns, std::uint8_t{1});
  } else {
    const auto length = reader.varint("length of which blocks are exact", 0, reader.remaining());
    entropy::decode_indices(reader.bytes(length, "which blocks are exact"), static_cast<int>(mask.columns),
                            static_cast<int>(count), 2, [&](int row, const std::int32_t* values) {
                              std::copy_n(values, mask.columns,
                                          blocks + static_cast<std::size_t>(row) * mask.columns);
                            });
  }
  decode_lossless_band(reader.bytes(reader.remaining(), "pixels"), plan, {header.colours(), header.bit_depth},
                       header.width, rows, sink);
}

// Takes a band's rows from the top and puts what a frame shows of its blocks into the image, each sample the rounded
// mean of its cell of scale x scale pixels. No cell reaches beyond a block.
template <typename Sample>
class BlockSink {
 public:
  BlockSink(const BlockMask& mask, const Frame& frame, const ImageBuffer& image, std::size_t top)
      : mask_(mask),
        frame_(frame),
        image_(image),
        y_(top),
        sums_(std::size_t{frame.width()} * image.channels) {}

  void push(const std::int32_t* pixels) {
    const std::size_t y = y_++, channels = image_.channels, scale = frame_.scale;
    if (y < frame_.top || y >= frame_.bottom) return;
    ++rows_;
    const bool is_whole = (y + 1) % scale == 0 || y + 1 == frame_.bottom;
    auto* line = row_of<Sample>(image_.colour, (y - frame_.top) / scale);
    for (std::size_t column = frame_.left / kSide; column * kSide < frame_.right; ++column) {
      if (!mask_.has(y / kSide, column)) continue;
      const std::size_t first = std::max<std::size_t>(frame_.left, column * kSide),
                        end = std::min<std::size_t>(frame_.right, (column + 1) * kSide);
      for (std::size_t x = first; x < end; ++x) {
        for (std::size_t c = 0; c < channels; ++c)
          sums_[(x - frame_.left) / scale * channels + c] +=
              static_cast<std::uint32_t>(pixels[x * channels + c]);
      }
      if (!is_whole) continue;
      for (std::size_t x = first; x < end; x += scale) {
        const std::size_t at = (x - frame_.left) / scale;
        const auto count = static_cast<std::uint32_t>(std::min(scale, end - x) * rows_);
        for (std::size_t c = 0; c < channels; ++c)
          line[at * image_.colour.step + c] =
              static_cast<Sample>((sums_[at * channels + c] + count / 2) / count);
      }
    }
    if (!is_whole) return;
    std::fill(sums_.begin(), sums_.end(), 0);
    rows_ = 0;
  }

 private:
  const BlockMask& mask_;
  const Frame& frame_;
  const ImageBuffer& image_;
  std::size_t y_, rows_ = 0;
  std::vector<std::uint32_t> sums_;  // of a row of cells
};

// `work(band, mask, plan)` for the bands that a frame needs and that have exact blocks.
template <typename Work>
void for_exact_bands(const bitstream::Container& container, const Frame& frame, int at_once,
                     const Work& work) {
  const auto& header = container.header;
  const LosslessPlan plan = read_plan(container.plan, {header.colours(), header.bit_depth});
  BlockMask mask(header.width, header.height);
  const std::uint32_t rows = container.exact.rows, first = frame.top / rows,
                      end = (frame.bottom - 1) / rows + 1;
  for_groups(end - first, at_once, [&](std::uint32_t i) {
    const std::uint32_t band = first + i;
    if (container.exact.streams[band].empty()) return;
    try {
      work(band, mask, plan);
    } catch (const Error& error) {
      throw Error(error.code(), "band of exact blocks " + std::to_string(band + 1) + ": " + error.what());
    }
  });
}

template <typename Sample>
void decode(const bitstream::Container& container, const Frame& frame, const ImageBuffer& image,
            int at_once) {
  for_exact_bands(
      container, frame, at_once, [&](std::uint32_t band, BlockMask& mask, const LosslessPlan& plan) {
        BlockSink<Sample> sink(mask, frame, image, std::size_t{band} * container.exact.rows);
        decode_band(container, plan, band, mask, [&](int, const std::int32_t* pixels) { sink.push(pixels); });
      });
}

}  // namespace

BlockMask::BlockMask(std::uint32_t width, std::uint32_t height)
    : columns(bitstream::latent_cells(width)),
      rows(bitstream::latent_cells(height)),
      blocks(rows * columns) {}

bool BlockMask::any() const {
  return std::any_of(blocks.begin(), blocks.end(), [](std::uint8_t block) { return block != 0; });
}

std::size_t ExactBlocks::bytes() const {
  std::size_t sum = plan.size();
  for (const auto& stream : streams) sum += stream.size();
  return sum;
}

ExactBlocks encode_exact_blocks(const ImageView& image, const BlockMask& mask, int at_once) {
  const Image kept = without_others(image, mask);
  const LosslessPlan plan = choose_plan(kept);
  ExactBlocks exact;
  exact.plan = write_plan(plan, layout_of(kept));
  exact.band_rows = rows_a_band(image.width, image.height);
  exact.streams.resize(bitstream::band_count(image.height, exact.band_rows));
  for_groups(static_cast<std::uint32_t>(exact.streams.size()), at_once, [&](std::uint32_t band) {
    const std::uint32_t top = band * exact.band_rows;
    exact.streams[band] = encode_band(kept, mask, plan, top, std::min(exact.band_rows, image.height - top));
  });
  return exact;
}

void decode_exact_blocks(const bitstream::Container& container, const Frame& frame, const ImageBuffer& image,
                         int at_once) {
  if (image.bit_depth == 16) {
    decode<std::uint16_t>(container, frame, image, at_once);
  } else {
    decode<std::uint8_t>(container, frame, image, at_once);
  }
}

void check_exact_blocks(const bitstream::Container& container, int at_once) {
  const auto& header = container.header;
  const Frame all{0, 0, header.width, header.height, 1};
  for_exact_bands(container, all, at_once,
                  [&](std::uint32_t band, BlockMask& mask, const LosslessPlan& plan) {
                    decode_band(container, plan, band, mask, [](int, const std::int32_t*) {});
                  });
}

}  // namespace vaec::codec
