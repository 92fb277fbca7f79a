#include "bitstream/container.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "base/crc32c.hpp"
#include "bitstream/bytes.hpp"
#include "vaec/error.hpp"

namespace vaec::bitstream {

namespace {

constexpr std::array<std::byte, 4> kMagic = {std::byte{'V'}, std::byte{'A'}, std::byte{'E'}, std::byte{'C'}};
constexpr std::uint8_t kProfileMask = 0x03;  // of the flags; the other bits are reserved
constexpr std::size_t kShortIdSize = 4;      // bytes of the model id in a small image's file
constexpr std::size_t kCrcSize = 4;
constexpr std::uint32_t kCellSide = 16;  // pixels that a cell of the latent stands for

// Chunk types. Bit 7: a reader that does not know the type skips the chunk; else it refuses the file.
constexpr std::uint8_t kOptional = 0x80;
constexpr std::uint8_t kChunkEnd = 0x00;
constexpr std::uint8_t kChunkLf = 0x01;
constexpr std::uint8_t kChunkHyper = 0x02;
constexpr std::uint8_t kChunkBands = 0x03;
constexpr std::uint8_t kChunkSmallImage = 0x04;
constexpr std::uint8_t kChunkPlan = 0x05;
constexpr std::uint8_t kChunkPixels = 0x06;
constexpr std::uint8_t kChunkExact = 0x07;
constexpr std::uint8_t kChunkFilter = 0x08;
constexpr std::uint8_t kChunkAlpha = 0x10;
constexpr std::uint8_t kChunkLatentCrc = 0x81;
constexpr std::uint8_t kChunkIcc = 0x90;
constexpr std::uint8_t kChunkExif = 0x91;
constexpr std::uint8_t kChunkXmp = 0x92;
constexpr std::uint8_t kChunkResolution = 0x93;

constexpr std::uint8_t kLargestUnit = static_cast<std::uint8_t>(Resolution::Unit::kMetre);

std::string chunk_name(std::uint8_t type) {
  switch (type) {
    case kChunkLf:
      return "chunk 0x01 (LF image)";
    case kChunkHyper:
      return "chunk 0x02 (hyper-latent)";
    case kChunkBands:
      return "chunk 0x03 (latent bands)";
    case kChunkSmallImage:
      return "chunk 0x04 (small image)";
    case kChunkPlan:
      return "chunk 0x05 (plan)";
    case kChunkPixels:
      return "chunk 0x06 (pixel bands)";
    case kChunkExact:
      return "chunk 0x07 (exact blocks)";
    case kChunkFilter:
      return "chunk 0x08 (last filter)";
    case kChunkAlpha:
      return "chunk 0x10 (alpha)";
    case kChunkLatentCrc:
      return "chunk 0x81 (latent checksum)";
    case kChunkIcc:
      return "chunk 0x90 (ICC profile)";
    case kChunkExif:
      return "chunk 0x91 (EXIF)";
    case kChunkXmp:
      return "chunk 0x92 (XMP)";
    case kChunkResolution:
      return "chunk 0x93 (resolution)";
    default:
      return "chunk " + hex_byte(type);
  }
}

std::uint8_t layout_byte(const Header& header) {
  return static_cast<std::uint8_t>(header.channels | (header.bit_depth / 8) << 4);
}

// Bytes of the model id that a file stores.
std::size_t id_size_of(const Header& header) {
  switch (header.profile) {
    case Profile::kSmallImage:
      return kShortIdSize;
    case Profile::kLossless:
      return 0;
    default:
      return header.model_id.size();
  }
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

// Whether a band of so many pixel rows ends with a row of cells.
bool holds_whole_cells(std::uint32_t rows) {
  return rows >= 1 && rows <= kMaxBandRows && rows % kCellSide == 0;
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

void read_magic(ByteReader& reader) {
  const auto magic = reader.bytes(kMagic.size(), "magic number");
  if (!std::equal(magic.begin(), magic.end(), kMagic.begin())) {
    throw Error(ErrorCode::kCorrupt, "not a .vaec file: it does not begin with VAEC");
  }
}

Header read_header(ByteReader& reader) {
  Header header;
  read_magic(reader);
  const std::uint8_t version = reader.u8("format version");
  if (version > kFormatVersion) {
    throw Error(ErrorCode::kUnsupported, "format version " + std::to_string(version) +
                                             " is newer than this program reads (" +
                                             std::to_string(kFormatVersion) + "): a newer vaec is needed");
  }
  if (version == 0) throw_field("format version", reader.offset() - 1, "0", std::to_string(kFormatVersion));

  const std::uint8_t flags = reader.u8("flags");
  const std::uint8_t profile = flags & kProfileMask;
  if (profile != flags || profile > static_cast<std::uint8_t>(Profile::kLossless)) {
    throw Error(ErrorCode::kUnsupported, "flags at byte " + std::to_string(reader.offset() - 1) + ": found " +
                                             hex_byte(flags) +
                                             ", expected 0x00, 0x01 or 0x02: a newer vaec is needed");
  }
  header.profile = static_cast<Profile>(profile);

  const auto id = reader.bytes(id_size_of(header), "model id");
  std::transform(id.begin(), id.end(), header.model_id.begin(),
                 [](std::byte byte) { return std::to_integer<std::uint8_t>(byte); });
  header.width = static_cast<std::uint32_t>(reader.varint("width", 1, kMaxSide));
  header.height = static_cast<std::uint32_t>(reader.varint("height", 1, kMaxSide));

  const std::uint8_t layout = reader.u8("sample layout");
  header.channels = layout & 0x0F;
  header.bit_depth = static_cast<std::uint8_t>((layout >> 4) * 8);
  const bool small = header.profile == Profile::kSmallImage;
  if (header.channels < 1 || header.channels > 4 || (header.bit_depth != 8 && header.bit_depth != 16) ||
      (small && (header.has_alpha() || header.bit_depth != 8))) {
    throw_field("sample layout", reader.offset() - 1, hex_byte(layout),
                small ? "0x11 (8-bit grey) or 0x13 (8-bit RGB)"
                      : "0x11 to 0x14 or 0x21 to 0x24 (8 or 16 bits; grey, grey and alpha, RGB, RGBA)");
  }
  if (header.profile == Profile::kLossless) return header;
  header.quality = reader.u8("quality");
  if (header.quality < 1 || header.quality > 100) {
    throw_field("quality", reader.offset() - 1, std::to_string(header.quality), "1 to 100");
  }
  return header;
}

// Of a chunk that bands `rows` rows. `length` is what the chunk claims; `reader` may hold less of it if the
// file is truncated.
Bands parse_bands(ByteReader& reader, std::uint64_t length, std::uint8_t type, std::uint32_t rows) {
  const std::string what = type == kChunkAlpha    ? "alpha band "
                           : type == kChunkPixels ? "pixel band "
                           : type == kChunkExact  ? "band of exact blocks "
                                                  : "latent band ";
  Bands bands;
  const std::size_t start = reader.offset();
  bands.rows = static_cast<std::uint32_t>(
      reader.varint("rows a band", 1, type == kChunkBands ? kMaxLatentBandRows : kMaxBandRows));
  if (type == kChunkExact && !holds_whole_cells(bands.rows)) {
    throw_field("rows a band", start, std::to_string(bands.rows),
                "a multiple of " + std::to_string(kCellSide));
  }
  const std::uint32_t expected = band_count(rows, bands.rows);
  const std::size_t count_at = reader.offset();
  const std::uint64_t count = reader.varint("number of bands");
  if (count != expected) {
    throw_field(
        "number of bands", count_at, std::to_string(count),
        std::to_string(expected) + " by the height and " + std::to_string(bands.rows) + " rows a band");
  }
  // A band's length takes a byte at least, so that a forged count allocates nothing.
  if (count > reader.remaining()) throw TruncatedError("table of band lengths", reader.remaining(), count);

  std::vector<std::uint64_t> sizes;
  sizes.reserve(count);
  std::uint64_t left = length;
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::size_t size_at = reader.offset();
    sizes.push_back(reader.varint("length of " + what + std::to_string(i + 1)));
    if (sizes.back() > left) {
      throw_field("length of " + what + std::to_string(i + 1), size_at, std::to_string(sizes.back()),
                  "at most " + std::to_string(left) + " in its chunk");
    }
    left -= sizes.back();
  }
  // What the streams leave over must be the fields before them.
  if (left != reader.offset() - start) {
    throw_field(chunk_name(type), start, std::to_string(length) + " bytes",
                std::to_string(length - left + (reader.offset() - start)) + " by its table of lengths");
  }
  bands.streams.reserve(count);
  for (std::uint64_t i = 0; i < count; ++i) {
    bands.streams.push_back(
        reader.bytes(sizes[i], what + std::to_string(i + 1) + " of " + std::to_string(count)));
  }
  return bands;
}

Resolution parse_resolution_fields(ByteReader& reader) {
  constexpr std::uint64_t kLargest = 0xFFFFFFFF;
  Resolution resolution;
  const std::uint8_t unit = reader.u8("unit of the resolution");
  if (unit > kLargestUnit)
    throw_field("unit of the resolution", reader.offset() - 1, hex_byte(unit), "0 to 3");
  resolution.unit = static_cast<Resolution::Unit>(unit);
  resolution.x = static_cast<std::uint32_t>(reader.varint("resolution", 1, kLargest));
  resolution.y = resolution.x;
  if (reader.remaining() == 0) return resolution;
  const std::size_t second_at = reader.offset();
  resolution.y = static_cast<std::uint32_t>(reader.varint("second resolution", 1, kLargest));
  if (resolution.y == resolution.x)
    throw_field("second resolution", second_at, "the first once more", "another one, or none");
  if (reader.remaining() > 0) {
    throw_field(chunk_name(kChunkResolution), reader.offset(),
                std::to_string(reader.remaining()) + " more bytes", "none");
  }
  return resolution;
}

// A whole chunk that ends within a field is damaged; the file is not cut off.
Resolution parse_resolution(std::span<const std::byte> content, std::size_t start) {
  try {
    ByteReader reader(content, start);
    return parse_resolution_fields(reader);
  } catch (const TruncatedError&) {
    throw_field(chunk_name(kChunkResolution), start, std::to_string(content.size()) + " bytes",
                "a unit and one or two varints");
  }
}

// Refuses types that this version, the file's profile or its sample layout does not know.
void check_type(std::uint8_t type, std::size_t offset, const Header& header) {
  const bool of_hyperprior = type == kChunkLf || type == kChunkHyper || type == kChunkBands;
  const bool of_lossless = type == kChunkPlan || type == kChunkPixels,
             of_pixels = type == kChunkExact || type == kChunkFilter;
  const bool known =
      header.profile == Profile::kHyperprior
          ? of_hyperprior || of_pixels || type == kChunkPlan || (type == kChunkAlpha && header.has_alpha())
      : header.profile == Profile::kLossless ? of_lossless
                                             : type == kChunkSmallImage;
  if (known || (type & kOptional) != 0) return;
  auto code = ErrorCode::kUnsupported;
  std::string reason = "a newer vaec is needed";
  if (of_hyperprior || of_lossless || of_pixels || type == kChunkSmallImage ||
      (type == kChunkAlpha && header.profile == Profile::kLossless)) {
    code = ErrorCode::kCorrupt;
    reason = "it does not belong to the file's profile";
  } else if (type == kChunkAlpha) {
    code = ErrorCode::kCorrupt;
    reason = "the sample layout says that there is none";
  }
  throw Error(code, "critical " + chunk_name(type) + " at byte " + std::to_string(offset) + ": " + reason);
}

// Everything but the checksum's value: on return it is the last four bytes.
Container parse_fields(std::span<const std::byte> file) {
  ByteReader reader(file);
  Container container;
  container.header = read_header(reader);
  const Profile profile = container.header.profile;

  bool has_lf = false, has_hyper = false, has_plan = false;
  std::uint8_t previous = 0;
  for (;;) {
    const std::size_t type_at = reader.offset();
    const std::uint8_t type = reader.u8("chunk type");
    if (type == kChunkEnd) break;
    check_type(type, type_at, container.header);
    if (type <= previous) {
      throw_field("chunk type", type_at, hex_byte(type), "a type above " + hex_byte(previous));
    }
    previous = type;

    const std::uint64_t length = reader.varint("length of " + chunk_name(type));
    const std::size_t start = reader.offset();
    // Bands are looked at even if the chunk is cut off, to say which one is.
    if (type == kChunkBands || type == kChunkPixels || type == kChunkExact || type == kChunkAlpha) {
      const auto here = static_cast<std::size_t>(std::min<std::uint64_t>(length, reader.remaining()));
      ByteReader content(file.subspan(start, here), start);
      if (type == kChunkAlpha) {
        container.alpha = parse_bands(content, length, type, container.header.height);
      } else if (type == kChunkExact) {
        container.exact = parse_bands(content, length, type, container.header.height);
      } else {
        const auto height = container.header.height;
        auto bands = parse_bands(content, length, type, type == kChunkPixels ? height : latent_cells(height));
        container.band_rows = bands.rows;
        container.bands = std::move(bands.streams);
      }
    }
    const auto content = reader.bytes(length, chunk_name(type));
    if (type == kChunkLf) {
      container.lf = content;
      has_lf = true;
    } else if (type == kChunkHyper) {
      container.hyper = content;
      has_hyper = true;
    } else if (type == kChunkPlan) {
      container.plan = content;
      has_plan = true;
    } else if (type == kChunkFilter) {
      if (length == 0) throw_field(chunk_name(type), start, "no bytes", "a filter");
      container.filter = content;
    } else if (type == kChunkSmallImage) {
      container.bands.push_back(content);
    } else if (type == kChunkLatentCrc && profile != Profile::kLossless) {
      if (length != kCrcSize) {
        throw_field(chunk_name(type), start, std::to_string(length) + " bytes", std::to_string(kCrcSize));
      }
      container.latent_crc = ByteReader(content, start).u32("latent checksum");
    } else if (type == kChunkIcc) {
      container.icc = content;
    } else if (type == kChunkExif) {
      container.exif = content;
    } else if (type == kChunkXmp) {
      container.xmp = content;
    } else if (type == kChunkResolution) {
      container.resolution = parse_resolution(content, start);
    }
  }

  const auto require_chunk = [&](bool present, std::uint8_t type) {
    if (!present) throw_field("end of the chunks", reader.offset() - 1, "no " + chunk_name(type), "one");
  };
  if (profile == Profile::kHyperprior) {
    require_chunk(has_lf, kChunkLf);
    require_chunk(has_hyper, kChunkHyper);
    require_chunk(!container.bands.empty(), kChunkBands);
    require_chunk(!has_plan || !container.exact.streams.empty(), kChunkExact);
    require_chunk(has_plan || container.exact.streams.empty(), kChunkPlan);
    require_chunk(!container.header.has_alpha() || !container.alpha.streams.empty(), kChunkAlpha);
  } else if (profile == Profile::kLossless) {
    require_chunk(!container.plan.empty(), kChunkPlan);
    require_chunk(!container.bands.empty(), kChunkPixels);
  } else {
    require_chunk(!container.bands.empty(), kChunkSmallImage);
  }

  reader.u32("checksum");
  if (reader.remaining() > 0) {
    throw_field("end of the file", reader.offset(), std::to_string(reader.remaining()) + " more bytes",
                "none");
  }
  return container;
}

bool has_layout_of_this_version(std::span<const std::byte> file) {
  return file.size() > kMagic.size() && std::equal(kMagic.begin(), kMagic.end(), file.begin()) &&
         file[kMagic.size()] == std::byte{kFormatVersion};
}

struct Checksum {
  std::size_t offset = 0;
  std::uint32_t stored = 0;
  std::uint32_t computed = 0;
};

// Of a file of at least four bytes.
Checksum checksum_of(std::span<const std::byte> file) {
  const std::size_t offset = file.size() - kCrcSize;
  return {offset, ByteReader(file.subspan(offset), offset).u32("checksum"), base::crc32c(file.first(offset))};
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

void check_magic(std::span<const std::byte> file) {
  ByteReader reader(file);
  read_magic(reader);
}

Header parse_header(std::span<const std::byte> file) {
  ByteReader reader(file);
  return read_header(reader);
}

Container parse(std::span<const std::byte> file) {
  Container container;
  try {
    container = parse_fields(file);
  } catch (const TruncatedError&) {
    throw;
  } catch (const Error& error) {
    // A field that makes no sense comes from damage, or else from the program that wrote the file.
    if (!has_layout_of_this_version(file)) throw;
    const Checksum checksum = checksum_of(file);
    if (checksum.stored == checksum.computed) throw;
    throw Error(ErrorCode::kCorrupt,
                std::string(error.what()) + " (the file is damaged: its checksum does not match)");
  }
  const Checksum checksum = checksum_of(file);
  if (checksum.stored != checksum.computed) {
    throw Error(ErrorCode::kCorrupt, "damaged: checksum at byte " + std::to_string(checksum.offset) +
                                         ": found " + hex_word(checksum.stored) + ", expected " +
                                         hex_word(checksum.computed));
  }
  return container;
}

}  // namespace vaec::bitstream
