#include <algorithm>
#include <string>
#include <utility>

#include "base/crc32c.hpp"
#include "bitstream/bytes.hpp"
#include "bitstream/container.hpp"
#include "bitstream/layout.hpp"
#include "vaec/error.hpp"

namespace vaec::bitstream {
namespace {

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
