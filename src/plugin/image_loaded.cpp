// The picture formats, each loaded with its library when it is first met.
#include "image/formats/modules.hpp"
#include "image/parts.hpp"
#include "plugin/module.hpp"

namespace vaec::image {
namespace {

const LibraryModule& libraries() {
  static const auto& module = plugin::module_parts<LibraryModule>("vaec_formats.so", "vaec_formats_module");
  return module;
}

const OpenCvModule& opencv() {
  static const auto& module =
      plugin::module_parts<OpenCvModule>("vaec_imgcodecs.so", "vaec_imgcodecs_module");
  return module;
}

}  // namespace

const Format* format_of(FileFormat format) {
  switch (format) {
    case FileFormat::kBmp:
      return opencv().format_of(format);
    case FileFormat::kHeif: {
#ifdef VAEC_WITH_HEIF
      static const auto& heif = plugin::module_parts<Format>("vaec_heif.so", "vaec_heif_module");
      return &heif;
#else
      return nullptr;
#endif
    }
    case FileFormat::kJpegXl: {
#ifdef VAEC_WITH_JXL
      static const auto& jxl = plugin::module_parts<Format>("vaec_jxl.so", "vaec_jxl_module");
      return &jxl;
#else
      return nullptr;
#endif
    }
    case FileFormat::kUnknown:
      return nullptr;
    default:
      return libraries().format_of(format);
  }
}

const MetadataTools& metadata_tools() { return *libraries().metadata; }

const OpenCvTools& opencv_tools() { return *opencv().tools; }

}  // namespace vaec::image
