#include "image/formats/formats.hpp"
#include "vaec/error.hpp"

namespace vaec::image {

const Format& png_format() {
  static const Format format{
      [](std::span<const std::byte>) -> Header { throw Error(ErrorCode::kInternal, "to come"); }, nullptr,
      nullptr};
  return format;
}

}  // namespace vaec::image
