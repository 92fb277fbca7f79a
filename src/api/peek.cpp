#include "vaec/peek.hpp"

#include "bitstream/bytes.hpp"
#include "bitstream/container.hpp"

namespace vaec {
namespace {

// What stands at the end of a whole file; nothing of one that ends too early.
void read_end(std::span<const std::byte> file, FileInfo& info) {
  try {
    const auto container = bitstream::parse(file);
    info.metadata = {container.icc.size(), container.exif.size(), container.xmp.size()};
    info.resolution = container.resolution;
    for (const auto& stream : container.exact.streams) info.exact_blocks += stream.size();
  } catch (const bitstream::TruncatedError&) {
  }
}

Profile profile_of(bitstream::Profile profile) {
  switch (profile) {
    case bitstream::Profile::kHyperprior:
      return Profile::kHyperprior;
    case bitstream::Profile::kSmallImage:
      return Profile::kSmallImage;
    default:
      return Profile::kLossless;
  }
}

}  // namespace

FileInfo peek(std::span<const std::byte> file) {
  FileInfo info;
  read_end(file, info);  // first: of a damaged file it tells more
  const auto header = bitstream::parse_header(file);
  info.profile = profile_of(header.profile);
  info.model_id = header.model_id;
  info.width = header.width;
  info.height = header.height;
  info.channels = header.colours();
  info.has_alpha = header.has_alpha();
  info.bit_depth = header.bit_depth;
  info.quality = header.quality;
  return info;
}

}  // namespace vaec
