// The first directory of a TIFF structure (TIFF 6.0, section 2): of a TIFF file, and of the EXIF block in a
// JPEG, PNG or WebP file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <vector>

namespace vaec::image {

inline constexpr std::uint16_t kTagWidth = 256, kTagHeight = 257, kTagBitsPerSample = 258,
                               kTagPhotometric = 262, kTagOrientation = 274, kTagSamplesPerPixel = 277,
                               kTagExtraSamples = 338, kTagXmp = 700, kTagExif = 34665,
                               kTagIccProfile = 34675;

struct TiffDirectory {
  std::map<std::uint16_t, std::uint32_t>
      first_values;          // by tag: the first value (integers up to 32 bits), else 0
  bool more_follow = false;  // another directory (page) comes after this one

  [[nodiscard]] std::uint32_t value_or(std::uint16_t tag, std::uint32_t otherwise) const;
};

// Nothing if `bytes` are no TIFF structure or end before the directory does.
[[nodiscard]] std::optional<TiffDirectory> read_first_directory(std::span<const std::byte> bytes);

// A little-endian TIFF file with one more entry, a short, in its first directory, which has none of that tag.
// Throws Error kWrite if it has no directory.
[[nodiscard]] std::vector<std::byte> with_tiff_entry(std::span<const std::byte> file, std::uint16_t tag,
                                                     std::uint16_t value);

// EXIF's orientation 1..8 (TIFF tag 274) of such a structure; 1, upright, where there is none.
[[nodiscard]] int exif_orientation(std::span<const std::byte> bytes);

}  // namespace vaec::image
