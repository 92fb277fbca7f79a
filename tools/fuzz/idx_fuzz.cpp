// Any bytes as an IDX file: images of the size that its header says, or an Error about the file.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

#include "train/idx.hpp"
#include "vaec/error.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const auto images = vaec::train::parse_idx(std::as_bytes(std::span(data, size)));
    if (images.pixels.size() != std::size_t{images.count} * images.rows * images.columns) std::abort();
  } catch (const vaec::Error& error) {
    if (error.code() != vaec::ErrorCode::kUnreadable) std::abort();
  }
  return 0;
}
