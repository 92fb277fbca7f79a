#include "bitstream/layout.hpp"

#include "bitstream/bytes.hpp"

namespace vaec::bitstream {

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

}  // namespace vaec::bitstream
