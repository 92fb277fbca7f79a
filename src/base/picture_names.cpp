#include "base/picture_names.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace vaec::base {
namespace {

constexpr std::array<std::string_view, 37> kPictures = {
    ".png", ".apng", ".jpg", ".jpeg", ".jpe",  ".jfif", ".mpo",  ".webp", ".tif", ".tiff",
    ".bmp", ".dib",  ".ppm", ".pgm",  ".pbm",  ".pnm",  ".jp2",  ".jpx",  ".jpf", ".j2k",
    ".j2c", ".jpc",  ".gif", ".heic", ".heif", ".hif",  ".avif", ".jxl",  ".pam", ".pfm",
    ".psd", ".psb",  ".exr", ".hdr",  ".qoi",  ".xcf",  ".dds"};

}  // namespace

std::string lower_case(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

bool has_picture_extension(const std::filesystem::path& file) {
  return std::find(kPictures.begin(), kPictures.end(), lower_case(file.extension().string())) !=
         kPictures.end();
}

}  // namespace vaec::base
