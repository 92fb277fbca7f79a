// Any bytes as a .npy file: an array of just the bytes that its header says, and pictures of it that have all their
// samples, or an Error about the file.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

#include "base/npy.hpp"
#include "train/npy_images.hpp"
#include "vaec/error.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = std::as_bytes(std::span(data, size));
  try {
    const auto array = vaec::base::parse_npy(bytes);
    if (array.data.size() > size || (!array.data.empty() && &array.data.back() != &bytes.back()))
      std::abort();
    const auto images = vaec::train::parse_npy_images(bytes);
    if (images.samples.size() != images.count * images.rows * images.columns * images.channels) std::abort();
  } catch (const vaec::Error& error) {
    if (error.code() != vaec::ErrorCode::kUnreadable) std::abort();
  }
  return 0;
}
