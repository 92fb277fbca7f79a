#include "base/pnm.hpp"

#include <string>

#include "base/large_pages.hpp"

namespace vaec::base {

std::vector<std::byte> encode_pnm(const Image& image) {
  const bool deep = image.bit_depth == 16;
  const std::string header = std::string(image.channels == 1 ? "P5" : "P6") + "\n" +
                             std::to_string(image.width) + " " + std::to_string(image.height) +
                             (deep ? "\n65535\n" : "\n255\n");
  std::vector<std::byte> file;
  file.reserve(header.size() + image.samples.size() + 2 * image.samples16.size());
  ask_for_large_pages(file.data(), file.capacity());
  const auto append = [&file](const void* from, std::size_t size) {
    const auto* bytes = static_cast<const std::byte*>(from);
    file.insert(file.end(), bytes, bytes + size);
  };
  append(header.data(), header.size());
  append(image.samples.data(), image.samples.size());
  for (const std::uint16_t sample : image.samples16) {  // the most significant byte first
    file.push_back(static_cast<std::byte>(sample >> 8));
    file.push_back(static_cast<std::byte>(sample & 0xff));
  }
  return file;
}

}  // namespace vaec::base
