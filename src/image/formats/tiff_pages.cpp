#include "image/formats/tiff_pages.hpp"

#include <algorithm>
#include <utility>

#include "vaec/error.hpp"

namespace vaec::image {
namespace {

// Enough for a picture with all its overviews and their masks.
constexpr std::size_t kMostDirectories = 100;

enum class Kind { kPage, kUnstated, kSmaller, kMask };

struct Directory {
  std::uint64_t offset = 0;
  std::uint64_t width = 0, height = 0;
  Kind kind = Kind::kUnstated;
  std::vector<std::uint64_t> below = {};  // offsets of its sub-directories
};

[[noreturn]] void refuse_pages() {
  throw Error(ErrorCode::kUnreadable,
              "holds more than one frame or page, which this version cannot code: extract them first");
}

bool is_raw(TIFF* tiff) {
  constexpr std::uint16_t kLinearRaw = 34892;
  std::uint16_t photometric = 0;
  return TIFFGetField(tiff, TIFFTAG_PHOTOMETRIC, &photometric) == 1 &&
         (photometric == PHOTOMETRIC_CFA || photometric == kLinearRaw);
}

Kind kind_of(TIFF* tiff) {
  std::uint16_t photometric = 0, old_type = 0, page = 0, pages = 0;
  std::uint32_t type = 0;
  TIFFGetField(tiff, TIFFTAG_PHOTOMETRIC, &photometric);
  const bool has_type = TIFFGetField(tiff, TIFFTAG_SUBFILETYPE, &type) == 1,
             has_old_type = TIFFGetField(tiff, TIFFTAG_OSUBFILETYPE, &old_type) == 1,
             has_number = TIFFGetField(tiff, TIFFTAG_PAGENUMBER, &page, &pages) == 1;
  if ((type & FILETYPE_MASK) != 0 || photometric == PHOTOMETRIC_MASK) return Kind::kMask;
  if ((type & FILETYPE_REDUCEDIMAGE) != 0 || old_type == OFILETYPE_REDUCEDIMAGE) return Kind::kSmaller;
  return has_type || has_old_type || has_number ? Kind::kPage : Kind::kUnstated;
}

// At most half as large, of the same shape up to rounding.
bool is_smaller_copy(const Directory& page, const Directory& of) {
  if (2 * page.width > of.width + 1 || 2 * page.height > of.height + 1) return false;
  const std::uint64_t a = page.width * of.height, b = page.height * of.width;
  return std::max(a, b) - std::min(a, b) <= std::max(of.width, of.height);
}

Directory current_directory(TIFF* tiff) {
  Directory found{TIFFCurrentDirOffset(tiff), tiff_value<std::uint32_t>(tiff, TIFFTAG_IMAGEWIDTH, 0),
                  tiff_value<std::uint32_t>(tiff, TIFFTAG_IMAGELENGTH, 0), kind_of(tiff)};
  std::uint16_t count = 0;
  const std::uint64_t* offsets = nullptr;
  if (TIFFGetField(tiff, TIFFTAG_SUBIFD, &count, &offsets) == 1 && offsets != nullptr)
    found.below.assign(offsets, offsets + std::min<std::size_t>(count, kMostDirectories));
  return found;
}

// The pages one after the other; `is_whole`: whether all could be read.
std::vector<Directory> chain_of(TIFF* tiff, bool& is_whole) {
  std::vector<Directory> chain;
  is_whole = true;
  for (;;) {
    if (is_raw(tiff)) refuse_camera_raw();
    chain.push_back(current_directory(tiff));
    if (TIFFLastDirectory(tiff) == 1) return chain;
    if (chain.size() == kMostDirectories) refuse_pages();
    is_whole = TIFFReadDirectory(tiff) == 1;
    if (!is_whole) return chain;
  }
}

// What stands below the pages: those that could be read.
std::vector<Directory> below(TIFF* tiff, const std::vector<Directory>& chain) {
  std::vector<Directory> found;
  for (const Directory& page : chain) {
    for (const auto offset : page.below) {
      if (found.size() == kMostDirectories || TIFFSetSubDirectory(tiff, offset) != 1) continue;
      if (is_raw(tiff)) refuse_camera_raw();
      found.push_back(current_directory(tiff));
    }
  }
  return found;
}

// The largest of those that are no smaller copy of another and no mask. Where all are smaller copies, their
// original is not in the file: the largest of them.
const Directory& picture_of(const std::vector<Directory>& chain) {
  const auto rank = [](const Directory& directory) {
    const int kind = directory.kind == Kind::kMask ? 0 : directory.kind == Kind::kSmaller ? 1 : 2;
    return std::pair(kind, directory.width * directory.height);
  };
  return *std::max_element(chain.begin(), chain.end(),
                           [&](const auto& a, const auto& b) { return rank(a) < rank(b); });
}

std::string counted(std::size_t count, const char* one, const char* several) {
  return std::to_string(count) + " " + (count == 1 ? one : several) + " in it: left out";
}

}  // namespace

void refuse_camera_raw() {
  throw Error(ErrorCode::kUnreadable,
              "is a camera's raw file, which vaec does not read: develop it first, to TIFF for one");
}

TiffPage find_tiff_page(TIFF* tiff) {
  bool is_whole = true;
  const auto chain = chain_of(tiff, is_whole), others = below(tiff, chain);
  const Directory& picture = picture_of(chain);
  if (picture.kind == Kind::kSmaller && !picture.below.empty()) refuse_camera_raw();
  std::size_t masks = 0, copies = 0;
  for (const Directory& page : chain) {
    if (&page == &picture) continue;
    const bool is_copy =
        page.kind == Kind::kSmaller || (page.kind == Kind::kUnstated && is_smaller_copy(page, picture));
    if (page.kind != Kind::kMask && !is_copy) refuse_pages();
    ++(page.kind == Kind::kMask ? masks : copies);
  }
  for (const Directory& page : others) ++(page.kind == Kind::kMask ? masks : copies);
  TiffPage result{picture.offset, {}};
  if (copies > 0) result.notes.push_back(counted(copies, "smaller copy", "smaller copies"));
  if (masks > 0) result.notes.push_back(counted(masks, "transparency mask", "transparency masks"));
  if (!is_whole) result.notes.push_back("damaged: a directory behind the picture cannot be read: left out");
  return result;
}

}  // namespace vaec::image
