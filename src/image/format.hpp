// What a picture format can do: each has one file in image/formats, on the format's own library, where the
// header, the pixels and all else that a file says come from one parse.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "vaec/image.hpp"

namespace vaec::image {

// What a picture will be in memory (see Image), known before any pixel is decoded.
struct Header {
  std::uint64_t width = 0, height = 0;  // pixels, as stored: not yet upright; at least 1
  std::uint32_t channels = 3;           // of colour: 1 or 3
  bool has_alpha = false;
  std::uint32_t bit_depth = 8;  // 8 or 16
};

// A comment, or what else a file says in words.
struct Text {
  std::string keyword;  // PNG's (11.3.3.2), as "Title", "Author", "Description", "Copyright", "Comment"
  std::string text;     // UTF-8
};

// What one parse of a file gives. Metadata stands here as it does in the file, none of it checked.
struct Content {
  Image image;                               // as stored; image.metadata is empty
  std::vector<std::byte> icc;                // of the pixels as they are in `image`
  std::vector<std::vector<std::byte>> exif;  // TIFF structures, without "Exif\0\0"; the first good one counts
  std::vector<std::byte> xmp;                // a packet
  std::vector<std::pair<std::string, std::vector<std::byte>>> extended_xmp;  // GUID, the parts put together
  std::optional<int> orientation;  // EXIF's 1..8, where the format itself says it: then no metadata is asked
  Resolution resolution;
  std::vector<Text> texts;
  std::vector<std::string> notes;  // what is left out and why, in words: "a second picture (MPO): left out"
};

struct ReadOptions {
  bool keeps_metadata = true;                           // else the pixels alone are wanted, and orientation
  bool allows_damage = false;                           // what is missing of the pixels is made up, and noted
  std::uint64_t max_metadata = std::uint64_t{1} << 20;  // bytes of ICC profile, EXIF, XMP each
};

struct WriteOptions {
  int jpeg_quality = 95;
  bool is_view = false;  // a part of the picture that the metadata describes, or a smaller one
};

// What of a picture its file does not hold.
struct Losses {
  bool alpha = false;  // the picture stands on white
  bool depth = false;  // 16 bits became 8
  bool icc = false, exif = false, xmp = false, resolution = false;
};

// All functions throw Error without the file's name: kUnreadable (damaged, or of a kind that cannot be read,
// by its name), kLimit, kInterrupted; `write` kWrite and kLimit (a size that the format cannot hold). They
// may throw std::bad_alloc. None is given an empty file.
struct Format {
  // Allocates nothing that grows with what the header claims.
  Header (*read_header)(std::span<const std::byte> file) = nullptr;
  // The caller has compared the header with the limits. A file whose pixels turn out to be of another size
  // than its header says is damaged.
  Content (*read)(std::span<const std::byte> file, const ReadOptions& options) = nullptr;
  // `image`: one that the format holds (write.cpp), image.metadata apart: `metadata` counts. What of that
  // does not fit is left out and told in `losses`. Goes on when the program is interrupted: what was made is
  // kept. Null: the format is not written.
  std::vector<std::byte> (*write)(const Image& image, const Metadata& metadata, const WriteOptions& options,
                                  Losses& losses) = nullptr;
};

}  // namespace vaec::image
