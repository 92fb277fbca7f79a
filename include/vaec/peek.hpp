// What a .vaec file says of itself, without a model and without decoding.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "vaec/export.hpp"
#include "vaec/image.hpp"
#include "vaec/models.hpp"

namespace vaec {

// What kind of model a file needs.
enum class Profile {
  kHyperprior,  // `photo`
  kSmallImage,  // `mnist`
  kLossless,    // none: Codec::lossless(), or a `photo` codec, decompresses it
};

struct MetadataSizes {
  std::uint64_t icc = 0, exif = 0, xmp = 0;  // bytes that they take in the file, deflated; 0: not there
};

struct FileInfo {
  Profile profile = Profile::kHyperprior;
  ModelId model_id = {};                // find_model() takes it; kLossless: all 0
  std::uint32_t width = 0, height = 0;  // pixels
  std::uint32_t channels = 0;           // of colour: 1 (grey) or 3 (RGB)
  bool has_alpha = false;
  std::uint32_t bit_depth = 8;  // 8 or 16
  int quality = 0;              // that it was compressed with, 1..100; kLossless: 0
  // Metadata stands at a file's end: known only of a whole file.
  std::optional<MetadataSizes> metadata = {};
  Resolution resolution = {};  // likewise; empty: none, or not known
  // Likewise: bytes of the blocks that a lossy file keeps exactly; 0: it has none, or it is not known.
  std::uint64_t exact_blocks = 0;

  // Of a decompressed pixel, alpha counted in.
  [[nodiscard]] std::uint32_t bytes_per_pixel() const {
    return (channels + (has_alpha ? 1 : 0)) * bit_depth / 8;
  }
};

// So many bytes of a file's beginning are enough to know all but its metadata.
inline constexpr std::size_t kPeekBytes = 32;

// `file`: a whole .vaec file, or its beginning. A whole one is checked, too: its structure and its checksum,
// as Codec::decompress() does before it decodes. Of a beginning the header alone is known to make sense, and
// a file that was cut off looks like one. Throws Error kCorrupt: no .vaec file, a damaged one, too few bytes;
// kUnsupported: one of a newer format. Sizes are told as they stand there, up to 2^31 - 1 a side: compare them
// with your limits before you allocate.
[[nodiscard]] VAEC_API FileInfo peek(std::span<const std::byte> file);

}  // namespace vaec
