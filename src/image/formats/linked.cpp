#include "image/formats/modules.hpp"

namespace vaec::image {

const Format* format_of(FileFormat format) {
  if (const Format* found = library_module().format_of(format)) return found;
  if (const Format* found = opencv_module().format_of(format)) return found;
#ifdef VAEC_WITH_HEIF
  if (format == FileFormat::kHeif) return &heif_format();
#endif
#ifdef VAEC_WITH_JXL
  if (format == FileFormat::kJpegXl) return &jxl_format();
#endif
  return nullptr;
}

const MetadataTools& metadata_tools() { return *library_module().metadata; }

const OpenCvTools& opencv_tools() { return *opencv_module().tools; }

}  // namespace vaec::image
