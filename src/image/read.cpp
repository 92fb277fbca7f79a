#include "image/read.hpp"

#include <new>
#include <utility>

#include "image/orientation.hpp"
#include "image/parts.hpp"
#include "image/reduce.hpp"
#include "image/signature.hpp"
#include "vaec/error.hpp"

namespace vaec::image {
namespace {

[[noreturn]] void refuse(const std::string& why) { throw Error(ErrorCode::kUnreadable, why); }

// What is thrown of a file names it.
template <typename Work>
auto naming(const std::string& name, const Work& work) {
  try {
    return work();
  } catch (const std::bad_alloc&) {
    throw Error(ErrorCode::kLimit, name + ": out of memory");
  } catch (const Error& error) {
    throw Error(error.code(), name + ": " + error.what());
  }
}

const Format& format_of(std::span<const std::byte> file) {
  if (file.empty()) refuse("is empty");
  const FileFormat format = format_by_signature(file);
  if (format == FileFormat::kUnknown) {
    const std::string foreign = foreign_format(file);
    refuse(foreign.empty()
               ? "is no image of a known format"
               : "is " + foreign + " picture, which vaec does not read: convert it first, to PNG for one");
  }
  const Format* found = image::format_of(format);
  if (found == nullptr)
    refuse("is of a format that this vaec was built without: convert it first, to PNG for one");
  return *found;
}

void check_size(const Header& header, const Limits& limits) {
  const auto [width, height] = std::pair(header.width, header.height);
  if (width == 0 || height == 0) refuse("damaged: its header says no width and height");
  if (width > limits.max_side || height > limits.max_side || width > limits.max_pixels / height) {
    throw Error(ErrorCode::kLimit, "is " + std::to_string(width) + "x" + std::to_string(height) +
                                       " pixels, the limit is " + std::to_string(limits.max_pixels) +
                                       " and " + std::to_string(limits.max_side) +
                                       " a side (see --max-pixels)");
  }
}

// A reader's own mistake would be one of memory later on.
void check_content(const Header& header, const Image& image) {
  const std::size_t pixels = std::size_t{image.width} * image.height;
  const bool deep = image.bit_depth == 16;
  const auto samples = deep ? image.samples16.size() : image.samples.size(),
             alpha = deep ? image.alpha16.size() : image.alpha.size();
  if (image.width != header.width || image.height != header.height || samples != pixels * image.channels ||
      (alpha != 0 && alpha != pixels)) {
    throw Error(ErrorCode::kInternal, "was read as another picture than its header tells");
  }
}

bool has_metadata(const Content& content) {
  return !content.icc.empty() || !content.exif.empty() || !content.xmp.empty() ||
         !content.extended_xmp.empty() || !content.texts.empty() || !content.resolution.empty();
}

}  // namespace

Header read_header(std::span<const std::byte> file, const std::string& name, const Limits& limits) {
  return naming(name, [&] {
    const Header header = format_of(file).read_header(file);
    check_size(header, limits);
    return header;
  });
}

Reading read_image(std::span<const std::byte> file, const std::string& name, const Limits& limits,
                   ReadOptions options) {
  options.max_metadata = limits.max_metadata;
  return naming(name, [&] {
    const Format& format = format_of(file);
    const Header header = format.read_header(file);
    check_size(header, limits);
    Content content = format.read(file, options);
    check_content(header, content.image);
    Reading reading;
    int orientation = content.orientation.value_or(1);
    if (has_metadata(content)) {
      auto described = metadata_tools().describe(content, options);
      if (options.keeps_metadata) content.image.metadata = std::move(described.metadata);
      orientation = described.orientation;
      reading.notes = std::move(described.notes);
    }
    reading.notes.insert(reading.notes.begin(), std::make_move_iterator(content.notes.begin()),
                         std::make_move_iterator(content.notes.end()));
    reading.image = upright(std::move(content.image), orientation);
    return reading;
  });
}

Image read_pixels(std::span<const std::byte> file, const std::string& name, const Limits& limits) {
  ReadOptions pixels_alone;
  pixels_alone.keeps_metadata = false;
  return read_image(file, name, limits, pixels_alone).image;
}

Image read_rgb(std::span<const std::byte> file, const std::string& name, const Limits& limits) {
  Image image = with_8_bits(read_pixels(file, name, limits));
  image.alpha.clear();
  return with_channels(std::move(image), 3);
}

}  // namespace vaec::image
