// EXIF where it stands in a TIFF file: among the tags of the picture's directory and in two directories below.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace vaec::image {

struct TiffExif {
  std::vector<std::byte> exif;        // a TIFF structure without the picture; empty: there is none
  std::vector<std::string> left_out;  // what of it is larger than it may be, by its name
  bool has_iptc = false;
};

// Of the picture whose directory lies at the offset `directory`, where Exiv2 is given a copy of the file if that is
// not the first. What says how the pixels are stored, their resolution and orientation are left out, and tags of more
// bytes than `largest_tag`. Damaged EXIF, or that of a BigTIFF, is none.
[[nodiscard]] TiffExif exif_of_tiff(std::span<const std::byte> file, std::uint64_t directory,
                                    std::uint64_t largest_tag);

// Whether some directory says that its pixels are a sensor's. Also of files that libtiff does not open.
[[nodiscard]] bool is_camera_raw(std::span<const std::byte> file);

// `file`, no BigTIFF, with EXIF and the orientation that it says. Throws Error kWrite if either is damaged.
[[nodiscard]] std::vector<std::byte> with_exif(std::span<const std::byte> file,
                                               std::span<const std::byte> exif);

}  // namespace vaec::image
