#include "image/formats/modules.hpp"
#include "image/opencv/tools.hpp"

namespace vaec::image {
namespace {

const Format* format_of_opencv(FileFormat format) {
  return format == FileFormat::kBmp ? &bmp_format() : nullptr;
}

}  // namespace

const OpenCvModule& opencv_module() {
  static const OpenCvModule module{format_of_opencv, &linked_opencv_tools()};
  return module;
}

}  // namespace vaec::image
