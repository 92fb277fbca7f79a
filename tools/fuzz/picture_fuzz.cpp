// Any bytes as a picture file: what its headers say is found out without a crash, whatever they say.
#include <cstddef>
#include <cstdint>
#include <span>

#include "image/probe.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  (void)vaec::image::probe(std::as_bytes(std::span(data, size)));
  return 0;
}
