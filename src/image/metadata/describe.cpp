#include "image/metadata/describe.hpp"

namespace vaec::image {

Description describe(Content& content, const ReadOptions&) {
  return {
      {content.icc, content.exif.empty() ? std::vector<std::byte>{} : content.exif[0], content.xmp}, 1, {}};
}

Metadata metadata_for_writing(const Image& image, std::uint32_t, const WriteOptions&, Losses&) {
  return image.metadata;
}

}  // namespace vaec::image
