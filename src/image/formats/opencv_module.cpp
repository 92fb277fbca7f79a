#include "image/formats/modules.hpp"
#include "image/opencv/tools.hpp"

namespace vaec::image {
namespace {

const Format* format_of_opencv(FileFormat format) {
  if (format == FileFormat::kBmp) return &bmp_format();
  if (format == FileFormat::kPnm) return &pnm_format();
  return nullptr;
}

}  // namespace

const OpenCvModule& opencv_module() {
  static const OpenCvModule module{format_of_opencv, &linked_opencv_tools()};
  return module;
}

}  // namespace vaec::image
