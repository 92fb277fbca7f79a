// What takes a library: the formats, what is inside metadata, and what OpenCV does. A program either links all
// of it (vaec_image_linked) or loads each part from its module when it is first needed, as the vaec program
// does (plugin/image_loaded.cpp): OpenCV's reading and writing takes a tenth of a second to load.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "image/format.hpp"
#include "image/lossy.hpp"
#include "image/signature.hpp"

namespace vaec::image {

// A picture's metadata made good: see metadata/describe.hpp.
struct Description {
  Metadata metadata;
  int orientation = 1;  // EXIF's, to be undone
  std::vector<std::string> notes;
};

struct MetadataTools {
  // Takes what `content` says of its picture, but for the pixels. Each part counts for itself: a bad or too
  // large one is left out, with a note that names it.
  Description (*describe)(Content& content, const ReadOptions& options) = nullptr;
  // Of a picture to be written with so many channels of colour: EXIF that is damaged and a profile of another
  // colour space are left out; the resolution is EXIF's where there is no other; EXIF's sizes are those of a
  // view.
  Metadata (*for_writing)(const Image& image, std::uint32_t channels, const WriteOptions& options,
                          Losses& losses) = nullptr;
};

struct OpenCvTools {
  std::vector<std::byte> (*encode_lossy)(const Image& image, LossyFormat format, int quality) = nullptr;
  std::string (*lossy_version)(LossyFormat format) = nullptr;
  // A white bar of that width with black text that fits into it.
  Image (*caption_bar)(const std::string& text, std::uint32_t width) = nullptr;
};

// Defined by what is linked. Null: this build cannot read the format. Throws Error kInternal if a module
// cannot be loaded.
[[nodiscard]] const Format* format_of(FileFormat format);
[[nodiscard]] const MetadataTools& metadata_tools();
[[nodiscard]] const OpenCvTools& opencv_tools();

}  // namespace vaec::image
