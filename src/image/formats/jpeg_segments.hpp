// What a JPEG's application and comment segments say of a picture: EXIF, XMP with its extensions (XMP
// specification, part 3, 1.1.3), ICC profile (ICC.1:2010, annex B.4), Multi-Picture Format (CIPA DC-007).
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "image/format.hpp"

namespace vaec::image {

inline constexpr int kApp1 = 0xe1, kApp2 = 0xe2, kApp13 = 0xed, kApp14 = 0xee, kApp15 = 0xef,
                     kJpegComment = 0xfe;
// What those of a kind begin with.
inline constexpr std::string_view kJpegExif{"Exif\0\0", 6}, kJpegXmp{"http://ns.adobe.com/xap/1.0/\0", 29},
    kJpegExtendedXmp{"http://ns.adobe.com/xmp/extension/\0", 35}, kJpegIcc{"ICC_PROFILE\0", 12};
inline constexpr std::size_t kGuidDigits = 32;

struct JpegSegment {
  int marker = 0;
  std::span<const std::byte> data;
};

// Adds what `segments`, in the file's order, say to `content`.
void read_jpeg_segments(std::span<const JpegSegment> segments, const ReadOptions& options, Content& content);

// Its profile, the parts put together. Empty, and a note, for one that is damaged.
[[nodiscard]] std::vector<std::byte> jpeg_profile(std::span<const JpegSegment> segments, Content& content);

// Tells what stands behind the picture. After read_jpeg_segments(). `is_size_known`: that the trailer begins
// here, and not some bytes before.
void note_trailer(std::span<const JpegSegment> segments, std::span<const std::byte> trailer,
                  bool is_size_known, Content& content);

}  // namespace vaec::image
