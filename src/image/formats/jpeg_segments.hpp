// What a JPEG's application and comment segments say of a picture: EXIF, XMP with its extensions (XMP
// specification, part 3, 1.1.3), ICC profile (ICC.1:2010, annex B.4), Multi-Picture Format (CIPA DC-007).
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "image/format.hpp"

namespace vaec::image {

using namespace std::string_view_literals;

inline constexpr int kApp1 = 0xe1, kApp2 = 0xe2, kApp13 = 0xed, kJpegComment = 0xfe;
inline constexpr auto kJpegExif = "Exif\0\0"sv, kJpegXmp = "http://ns.adobe.com/xap/1.0/\0"sv,
                      kJpegExtendedXmp = "http://ns.adobe.com/xmp/extension/\0"sv,
                      kJpegIcc = "ICC_PROFILE\0"sv;
inline constexpr std::size_t kGuidDigits = 32;

struct JpegSegment {
  int marker = 0;
  std::span<const std::byte> data;
};

// Adds what `segments`, in the file's order, say to `content`.
void read_jpeg_segments(std::span<const JpegSegment> segments, const ReadOptions& options, Content& content);

// Its profile, the parts put together. Empty, and a note, for one that is damaged.
[[nodiscard]] std::vector<std::byte> jpeg_profile(std::span<const JpegSegment> segments, Content& content);

// Tells what stands behind the picture. After read_jpeg_segments().
void note_trailer(std::span<const JpegSegment> segments, std::span<const std::byte> trailer,
                  Content& content);

}  // namespace vaec::image
