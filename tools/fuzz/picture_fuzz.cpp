// Any bytes as a picture file: what its headers say is found out, whatever they say, and what then comes in
// is a picture whose members agree, or an Error about the file.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

#include "image/read.hpp"
#include "image/signature.hpp"
#include "vaec/error.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace vaec;
  const auto bytes = std::as_bytes(std::span(data, size));
  (void)image::format_by_signature(bytes);
  constexpr Limits kSmall{512, 1 << 16};
  try {
    const Image picture = image::read_image(bytes, "x", kSmall).image;
    const std::size_t pixels = std::size_t{picture.width} * picture.height;
    const bool deep = picture.bit_depth == 16;
    if ((deep ? picture.samples16.size() : picture.samples.size()) != pixels * picture.channels) std::abort();
    if (picture.has_alpha() && (deep ? picture.alpha16.size() : picture.alpha.size()) != pixels) std::abort();
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kUnreadable && error.code() != ErrorCode::kLimit) std::abort();
  }
  return 0;
}
