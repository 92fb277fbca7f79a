#include "cli/image_names.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <string>

namespace vaec::cli {

bool has_image_extension(const std::filesystem::path& file) {
  constexpr std::array kExtensions = {".png",  ".jpg", ".jpeg", ".jpe", ".webp", ".tif",
                                      ".tiff", ".bmp", ".ppm",  ".pgm", ".pnm",  ".jp2"};
  std::string extension = file.extension().string();
  std::transform(extension.begin(), extension.end(), extension.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return std::find(kExtensions.begin(), kExtensions.end(), extension) != kExtensions.end();
}

}  // namespace vaec::cli
