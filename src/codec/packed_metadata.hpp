// ICC profiles, EXIF and XMP as they stand in a .vaec file: zlib streams (RFC 1950).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "bitstream/container.hpp"
#include "vaec/image.hpp"
#include "vaec/options.hpp"

namespace vaec::codec {

// Nothing for nothing, and with a limit of 0. `name` is for the message.
// Throws Error kLimit for more than `limit` bytes.
[[nodiscard]] std::vector<std::byte> pack_metadata(std::span<const std::byte> content, const char* name,
                                                   std::uint64_t limit);

// The other way; allocates no more than `limit`, whatever the stream says. Throws Error: kCorrupt (no zlib
// stream, or something behind it), kLimit.
[[nodiscard]] std::vector<std::byte> unpack_metadata(std::span<const std::byte> stream, const char* name,
                                                     std::uint64_t limit);

// All that a file has. Throws what unpack_metadata() does.
[[nodiscard]] Metadata metadata_of(const bitstream::Container& container, const Limits& limits);

}  // namespace vaec::codec
