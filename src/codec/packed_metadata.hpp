// ICC profiles, EXIF and XMP as they stand in a .vaec file: zlib streams (RFC 1950).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "bitstream/container.hpp"
#include "vaec/image.hpp"
#include "vaec/image_view.hpp"
#include "vaec/options.hpp"

namespace vaec::codec {

// Nothing for nothing, and with a limit of 0. `name` is for the message.
// Throws Error kLimit for more than `limit` bytes.
[[nodiscard]] std::vector<std::byte> pack_metadata(std::span<const std::byte> content, const char* name,
                                                   std::uint64_t limit);

// All that a picture has, packed, for a file that is made while this lives.
class PackedMetadata {
 public:
  // Throws what pack_metadata() does.
  PackedMetadata(const MetadataView& metadata, const Limits& limits);
  void put_into(bitstream::Container& container) const;

 private:
  std::vector<std::byte> icc_, exif_, xmp_;
  Resolution resolution_;
};

// The other way; allocates no more than `limit`, whatever the stream says. Throws Error: kCorrupt (no zlib
// stream, or something behind it), kLimit.
[[nodiscard]] std::vector<std::byte> unpack_metadata(std::span<const std::byte> stream, const char* name,
                                                     std::uint64_t limit);

// All that a file has. Throws what unpack_metadata() does.
[[nodiscard]] Metadata metadata_of(const bitstream::Container& container, const Limits& limits);

}  // namespace vaec::codec
