#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/crc32c.hpp"
#include "bitstream/bytes.hpp"
#include "bitstream/container.hpp"
#include "bitstream/layout.hpp"
#include "vaec/error.hpp"

namespace vaec::bitstream {
namespace {

std::uint8_t layout_byte(const Header& header) {
  return static_cast<std::uint8_t>(header.channels | (header.bit_depth / 8) << 4);
}

void write_header(const Header& header, ByteWriter& writer) {
  writer.bytes(kMagic);
  writer.u8(kFormatVersion);
  writer.u8(static_cast<std::uint8_t>(header.profile));
  for (std::size_t i = 0; i < id_size_of(header); ++i) writer.u8(header.model_id[i]);
  writer.varint(header.width);
  writer.varint(header.height);
  writer.u8(layout_byte(header));
  if (header.profile != Profile::kLossless) writer.u8(header.quality);
}

void write_chunk(std::uint8_t type, std::span<const std::byte> content, ByteWriter& writer) {
  writer.u8(type);
  writer.varint(content.size());
  writer.bytes(content);
}

void write_bands(std::uint8_t type, std::uint32_t rows, std::span<const std::span<const std::byte>> bands,
                 ByteWriter& writer) {
  std::uint64_t size = varint_size(rows) + varint_size(bands.size());
  for (const auto& band : bands) size += varint_size(band.size()) + band.size();
  writer.u8(type);
  writer.varint(size);
  writer.varint(rows);
  writer.varint(bands.size());
  for (const auto& band : bands) writer.varint(band.size());
  for (const auto& band : bands) writer.bytes(band);
}

// The second number stands there only where it is another one.
void write_resolution(const Resolution& resolution, ByteWriter& writer) {
  const bool is_square = resolution.x == resolution.y;
  writer.u8(kChunkResolution);
  writer.varint(1 + varint_size(resolution.x) + (is_square ? 0 : varint_size(resolution.y)));
  writer.u8(static_cast<std::uint8_t>(resolution.unit));
  writer.varint(resolution.x);
  if (!is_square) writer.varint(resolution.y);
}

void require(bool holds, const char* what) {
  if (!holds) throw Error(ErrorCode::kInternal, std::string("a .vaec file cannot hold ") + what);
}

void check_writable(const Container& container) {
  const Header& header = container.header;
  require(header.profile <= Profile::kLossless, "this profile");
  require(header.width >= 1 && header.width <= kMaxSide, "this width");
  require(header.height >= 1 && header.height <= kMaxSide, "this height");
  require(header.channels >= 1 && header.channels <= 4, "this number of channels");
  require(header.bit_depth == 8 || header.bit_depth == 16, "this bit depth");
  const bool is_lossless = header.profile == Profile::kLossless;
  require(is_lossless ? header.quality == 0 : header.quality >= 1 && header.quality <= 100, "this quality");
  const bool has_exact = !container.exact.streams.empty();
  require(is_lossless || container.plan.empty() != has_exact,
          "a plan or exact blocks alone in a lossy picture");
  require(!has_exact || header.profile == Profile::kHyperprior, "exact blocks in this profile");
  require(container.filter.empty() || header.profile == Profile::kHyperprior, "a filter in this profile");
  const Resolution& resolution = container.resolution;
  require(resolution.empty() || (resolution.x > 0 && resolution.y > 0 &&
                                 static_cast<std::uint8_t>(resolution.unit) <= kLargestUnit),
          "this resolution");
  if (header.profile == Profile::kHyperprior) {
    require(container.band_rows >= 1 && container.band_rows <= kMaxLatentBandRows,
            "this number of rows a band");
    require(container.bands.size() == band_count(latent_cells(header.height), container.band_rows),
            "this number of bands");
    if (header.has_alpha()) {
      require(container.alpha.rows >= 1 && container.alpha.rows <= kMaxBandRows,
              "this number of rows a band of alpha");
    }
    require(container.alpha.streams.size() ==
                (header.has_alpha() ? band_count(header.height, container.alpha.rows) : std::uint32_t{0}),
            "this number of bands of alpha");
    if (has_exact) {
      require(holds_whole_cells(container.exact.rows), "this number of rows a band of exact blocks");
      require(container.exact.streams.size() == band_count(header.height, container.exact.rows),
              "this number of bands of exact blocks");
    }
  } else if (is_lossless) {
    require(header.model_id == std::array<std::uint8_t, 8>{}, "a model id in a lossless picture");
    require(!container.plan.empty(), "a lossless picture without a plan");
    require(container.lf.empty() && container.hyper.empty() && container.alpha.streams.empty(),
            "an LF image, a hyper-latent or alpha by itself in a lossless picture");
    require(container.band_rows >= 1 && container.band_rows <= kMaxBandRows, "this number of rows a band");
    require(container.bands.size() == band_count(header.height, container.band_rows), "this number of bands");
  } else {
    require(!header.has_alpha() && container.alpha.streams.empty() && header.bit_depth == 8,
            "alpha or 16 bits in a small image");
    require(container.lf.empty() && container.hyper.empty() && container.band_rows == 0,
            "an LF image or a hyper-latent in a small image");
    require(container.bands.size() == 1, "this number of streams in a small image");
  }
}

}  // namespace

std::vector<std::byte> write(const Container& container) {
  check_writable(container);
  ByteWriter writer;
  write_header(container.header, writer);
  if (container.header.profile == Profile::kHyperprior) {
    write_chunk(kChunkLf, container.lf, writer);
    write_chunk(kChunkHyper, container.hyper, writer);
    write_bands(kChunkBands, container.band_rows, container.bands, writer);
    if (!container.exact.streams.empty()) {
      write_chunk(kChunkPlan, container.plan, writer);
      write_bands(kChunkExact, container.exact.rows, container.exact.streams, writer);
    }
    if (!container.filter.empty()) write_chunk(kChunkFilter, container.filter, writer);
    if (container.header.has_alpha())
      write_bands(kChunkAlpha, container.alpha.rows, container.alpha.streams, writer);
  } else if (container.header.profile == Profile::kLossless) {
    write_chunk(kChunkPlan, container.plan, writer);
    write_bands(kChunkPixels, container.band_rows, container.bands, writer);
  } else {
    write_chunk(kChunkSmallImage, container.bands.front(), writer);
  }
  if (container.latent_crc) {
    ByteWriter content;
    content.u32(*container.latent_crc);
    write_chunk(kChunkLatentCrc, content.written(), writer);
  }
  if (!container.icc.empty()) write_chunk(kChunkIcc, container.icc, writer);
  if (!container.exif.empty()) write_chunk(kChunkExif, container.exif, writer);
  if (!container.xmp.empty()) write_chunk(kChunkXmp, container.xmp, writer);
  if (!container.resolution.empty()) write_resolution(container.resolution, writer);
  writer.u8(kChunkEnd);
  writer.u32(base::crc32c(writer.written()));
  return writer.take();
}

}  // namespace vaec::bitstream
