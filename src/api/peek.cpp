#include "vaec/peek.hpp"

#include "bitstream/bytes.hpp"
#include "bitstream/container.hpp"

namespace vaec {
namespace {

// Of a whole file; nothing of one that ends too early.
std::optional<MetadataSizes> metadata_sizes(std::span<const std::byte> file) {
  try {
    const auto container = bitstream::parse(file);
    return MetadataSizes{container.icc.size(), container.exif.size(), container.xmp.size()};
  } catch (const bitstream::TruncatedError&) {
    return std::nullopt;
  }
}

}  // namespace

FileInfo peek(std::span<const std::byte> file) {
  const auto metadata = metadata_sizes(file);  // first: of a damaged file it tells more
  const auto header = bitstream::parse_header(file);
  FileInfo info;
  info.profile =
      header.profile == bitstream::Profile::kHyperprior ? Profile::kHyperprior : Profile::kSmallImage;
  info.model_id = header.model_id;
  info.width = header.width;
  info.height = header.height;
  info.channels = header.colours();
  info.has_alpha = header.has_alpha();
  info.bit_depth = header.bit_depth;
  info.quality = header.quality;
  info.metadata = metadata;
  return info;
}

}  // namespace vaec
