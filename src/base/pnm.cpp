#include "base/pnm.hpp"

#include <cstring>
#include <string>

#include "base/large_pages.hpp"

namespace vaec::base {

std::vector<std::byte> encode_pnm(const Image& image) {
  const bool deep = image.bit_depth == 16;
  const std::string header = std::string(image.channels == 1 ? "P5" : "P6") + "\n" +
                             std::to_string(image.width) + " " + std::to_string(image.height) +
                             (deep ? "\n65535\n" : "\n255\n");
  std::vector<std::byte> file;
  resize_large(file, header.size() + image.samples.size() + 2 * image.samples16.size());
  std::memcpy(file.data(), header.data(), header.size());
  if (!image.samples.empty())
    std::memcpy(file.data() + header.size(), image.samples.data(), image.samples.size());
  auto* to = file.data() + header.size();
  for (const std::uint16_t sample : image.samples16) {  // the most significant byte first
    *to++ = static_cast<std::byte>(sample >> 8);
    *to++ = static_cast<std::byte>(sample & 0xff);
  }
  return file;
}

}  // namespace vaec::base
