#include "base/picture_names.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace vaec::base {
namespace {

constexpr std::array<std::string_view, 22> kReadable = {
    ".png", ".apng", ".jpg", ".jpeg", ".jpe", ".jfif", ".mpo", ".webp", ".tif", ".tiff", ".bmp",
    ".dib", ".ppm",  ".pgm", ".pbm",  ".pnm", ".jp2",  ".jpx", ".jpf",  ".j2k", ".j2c",  ".jpc"};
constexpr std::array<std::string_view, 15> kOthers = {".gif", ".heic", ".heif", ".hif", ".avif",
                                                      ".jxl", ".pam",  ".pfm",  ".psd", ".psb",
                                                      ".exr", ".hdr",  ".qoi",  ".xcf", ".dds"};

template <typename Extensions>
bool is_one_of(const Extensions& extensions, const std::filesystem::path& file) {
  return std::find(extensions.begin(), extensions.end(), lower_case(file.extension().string())) !=
         extensions.end();
}

}  // namespace

std::string lower_case(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

bool has_readable_extension(const std::filesystem::path& file) { return is_one_of(kReadable, file); }

bool has_picture_extension(const std::filesystem::path& file) {
  return is_one_of(kReadable, file) || is_one_of(kOthers, file);
}

}  // namespace vaec::base
