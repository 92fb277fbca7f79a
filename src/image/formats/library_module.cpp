#include "image/formats/modules.hpp"
#include "image/metadata/describe.hpp"

namespace vaec::image {
namespace {

const Format* format_of_libraries(FileFormat format) {
  switch (format) {
    case FileFormat::kPng:
      return &png_format();
    case FileFormat::kJpeg:
      return &jpeg_format();
    case FileFormat::kWebp:
      return &webp_format();
    case FileFormat::kTiff:
      return &tiff_format();
    case FileFormat::kJpeg2000:
      return &jpeg2000_format();
    case FileFormat::kPnm:
      return &pnm_format();
#ifdef VAEC_WITH_GIF
    case FileFormat::kGif:
      return &gif_format();
#endif
    default:
      return nullptr;
  }
}

}  // namespace

const LibraryModule& library_module() {
  static const MetadataTools metadata{describe, metadata_for_writing};
  static const LibraryModule module{format_of_libraries, &metadata};
  return module;
}

}  // namespace vaec::image
