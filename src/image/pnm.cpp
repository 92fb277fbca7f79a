#include "image/pnm.hpp"

#include <cstring>
#include <string>

namespace vaec::image {

std::vector<std::byte> encode_pnm(const Image& image) {
  const std::string header = std::string(image.channels == 1 ? "P5" : "P6") + "\n" +
                             std::to_string(image.width) + " " + std::to_string(image.height) + "\n255\n";
  std::vector<std::byte> file(header.size() + image.samples.size());
  std::memcpy(file.data(), header.data(), header.size());
  std::memcpy(file.data() + header.size(), image.samples.data(), image.samples.size());
  return file;
}

}  // namespace vaec::image
