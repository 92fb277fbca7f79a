#include "codec/packed_metadata.hpp"

#include <zlib.h>

#include <algorithm>
#include <new>
#include <string>

#include "vaec/error.hpp"

namespace vaec::codec {
namespace {

[[noreturn]] void throw_too_large(const char* name, std::uint64_t limit) {
  throw Error(ErrorCode::kLimit, std::string(name) + " of more than " + std::to_string(limit) +
                                     " bytes, which is the limit (see --max-metadata and --strip)");
}

class Inflation {
 public:
  Inflation() {
    if (inflateInit(&state) != Z_OK) throw std::bad_alloc();
  }
  Inflation(const Inflation&) = delete;
  Inflation& operator=(const Inflation&) = delete;
  ~Inflation() { inflateEnd(&state); }

  z_stream state{};
};

}  // namespace

std::vector<std::byte> pack_metadata(std::span<const std::byte> content, const char* name,
                                     std::uint64_t limit) {
  if (content.empty() || limit == 0) return {};
  if (content.size() > limit) throw_too_large(name, limit);
  uLongf size = compressBound(content.size());
  std::vector<std::byte> stream(size);
  if (compress2(reinterpret_cast<Bytef*>(stream.data()), &size,
                reinterpret_cast<const Bytef*>(content.data()), content.size(), Z_BEST_COMPRESSION) != Z_OK) {
    throw std::bad_alloc();
  }
  stream.resize(size);
  return stream;
}

std::vector<std::byte> unpack_metadata(std::span<const std::byte> stream, const char* name,
                                       std::uint64_t limit) {
  if (stream.empty() || limit == 0) return {};
  Inflation inflation;
  z_stream& state = inflation.state;
  state.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(stream.data()));
  state.avail_in = static_cast<uInt>(std::min<std::size_t>(stream.size(), 0xffffffff));
  constexpr std::size_t kStep = 1 << 16;
  std::vector<std::byte> content;
  int result = Z_OK;
  while (result == Z_OK && content.size() <= limit) {
    const auto before = content.size();
    content.resize(before + kStep);
    state.next_out = reinterpret_cast<Bytef*>(content.data() + before);
    state.avail_out = kStep;
    result = inflate(&state, Z_NO_FLUSH);
    content.resize(before + kStep - state.avail_out);
  }
  const auto unread = state.avail_in;
  if (content.size() > limit) throw_too_large(name, limit);
  if (result != Z_STREAM_END || unread > 0) {
    throw Error(ErrorCode::kCorrupt, std::string(name) + " chunk: it holds no whole zlib stream");
  }
  return content;
}

PackedMetadata::PackedMetadata(const MetadataView& metadata, const Limits& limits)
    : icc_(pack_metadata(metadata.icc, "ICC profile", limits.max_metadata)),
      exif_(pack_metadata(metadata.exif, "EXIF", limits.max_metadata)),
      xmp_(pack_metadata(metadata.xmp, "XMP", limits.max_metadata)),
      resolution_(limits.max_metadata > 0 ? metadata.resolution : Resolution{}) {}

void PackedMetadata::put_into(bitstream::Container& container) const {
  container.icc = icc_;
  container.exif = exif_;
  container.xmp = xmp_;
  container.resolution = resolution_;
}

Metadata metadata_of(const bitstream::Container& container, const Limits& limits) {
  return {unpack_metadata(container.icc, "ICC profile", limits.max_metadata),
          unpack_metadata(container.exif, "EXIF", limits.max_metadata),
          unpack_metadata(container.xmp, "XMP", limits.max_metadata),
          limits.max_metadata > 0 ? container.resolution : Resolution{}};
}

}  // namespace vaec::codec
