#include "base/picture_names.hpp"

#include <algorithm>
#include <array>

namespace vaec::base {

std::string lower_case(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

bool has_picture_extension(const std::filesystem::path& file) {
  constexpr std::array kExtensions = {".png",  ".jpg", ".jpeg", ".jpe", ".webp", ".tif",
                                      ".tiff", ".bmp", ".ppm",  ".pgm", ".pnm",  ".jp2"};
  return std::find(kExtensions.begin(), kExtensions.end(), lower_case(file.extension().string())) !=
         kExtensions.end();
}

}  // namespace vaec::base
