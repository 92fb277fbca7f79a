#include "image/metadata/exif.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>
#include <tuple>
#include <utility>

#include "image/resolution.hpp"

namespace vaec::image {
namespace {

using namespace std::string_view_literals;

constexpr std::size_t kEntry = 12, kCount = 2, kLink = 4;
constexpr std::uint32_t kShort = 3, kLong = 4, kRational = 5, kSignedRational = 10;

enum Tag : std::uint32_t {
  kImageWidth = 0x100,
  kImageLength = 0x101,
  kOrientation = 0x112,
  kXResolution = 0x11a,
  kYResolution = 0x11b,
  kResolutionUnit = 0x128,
  kStripOffsets = 0x111,
  kStripByteCounts = 0x117,
  kThumbnailOffset = 0x201,
  kThumbnailLength = 0x202,
  kPhotoDirectory = 0x8769,
  kGpsDirectory = 0x8825,
  kPixelXDimension = 0xa002,
  kPixelYDimension = 0xa003,
  kInteropDirectory = 0xa005,
};

// Bytes of a value; 0: no such type (TIFF 6.0, section 2; TIFF/EP's IFD; Exif 3.0's UTF-8).
std::uint64_t size_of_type(std::uint32_t type) {
  constexpr std::array<std::uint64_t, 14> kSizes = {0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4};
  constexpr std::uint32_t kUtf8 = 129;
  return type < kSizes.size() ? kSizes[type] : type == kUtf8 ? 1 : 0;
}

}  // namespace

std::uint32_t Exif::number(std::size_t at, int size) const {
  return read_integer(bytes_, at, size, endian_).value_or(0);
}

void Exif::put(std::size_t at, int size, std::uint32_t value) {
  for (int i = 0; i < size; ++i) {
    const int shift = 8 * (endian_ == Endian::kBig ? size - 1 - i : i);
    bytes_[at + static_cast<std::size_t>(i)] = static_cast<std::byte>(value >> shift);
  }
}

std::optional<Exif> Exif::parse(std::span<const std::byte> bytes) {
  constexpr std::string_view kPrefix = "Exif\0\0"sv;
  if (has_text_at(bytes, 0, kPrefix)) bytes = bytes.subspan(kPrefix.size());
  const bool little = has_text_at(bytes, 0, "II*\0"sv);
  if (!little && !has_text_at(bytes, 0, "MM\0*"sv)) return std::nullopt;
  Exif exif;
  exif.endian_ = little ? Endian::kLittle : Endian::kBig;
  exif.bytes_.assign(bytes.begin(), bytes.end());
  exif.read_all();
  if (exif.entries_.empty()) return std::nullopt;
  return exif;
}

void Exif::read_all() {
  constexpr std::size_t kFirst = 4, kMost = 8;
  const Directory* directory = read_directory(number(kFirst, 4), Kind::kImage);
  // Behind the first there is one for a thumbnail, seldom more.
  for (std::size_t i = 1; directory != nullptr && directory->link != 0; ++i) {
    const std::size_t link = directory->link;
    const std::uint32_t next = number(link, kLink);
    if (next == 0) break;
    directory = i < kMost ? read_directory(next, Kind::kThumbnail) : nullptr;
    if (directory == nullptr) {
      ++damaged_;
      put(link, kLink, 0);
    }
  }
}

// Null if it does not lie within the bytes, or touches another.
const Exif::Directory* Exif::read_directory(std::uint32_t at, Kind kind) {
  constexpr std::size_t kHeader = 8;
  const std::size_t begin = at;
  if (begin < kHeader || begin > bytes_.size() || bytes_.size() - begin < kCount) return nullptr;
  const std::size_t count = number(begin, kCount), entries = begin + kCount, end = entries + count * kEntry;
  if (end > bytes_.size()) return nullptr;
  const std::size_t link = bytes_.size() - end < kLink ? 0 : kLink;
  for (const Directory& other : directories_) {
    if (begin < other.end && other.begin < end + link) return nullptr;
  }
  const std::size_t index = directories_.size();
  directories_.push_back({kind, begin, end + link, 0});

  std::byte* bytes = bytes_.data();
  std::size_t to = entries;
  for (std::size_t from = entries; from < end; from += kEntry) {
    if (to != from) std::copy_n(bytes + from, kEntry, bytes + to);
    if (read_entry(to, kind)) {
      to += kEntry;
    } else {
      ++damaged_;
    }
  }
  if (to != end) {
    put(begin, kCount, static_cast<std::uint32_t>((to - entries) / kEntry));
    std::copy_n(bytes + end, link, bytes + to);
    std::fill(bytes + to + link, bytes + end + link, std::byte{0});
  }
  if (link != 0) directories_[index].link = to;
  return &directories_[index];
}

bool Exif::read_entry(std::size_t at, Kind directory) {
  Entry entry{directory, number(at, 2), number(at + 2, 2), number(at + 4, 4), at, at + 8, 0};
  const std::uint64_t one = size_of_type(entry.type), size = one * entry.count;
  if (one == 0) return false;
  if (size > 4) {
    entry.data = number(at + 8, 4);
    if (entry.data > bytes_.size() || size > bytes_.size() - entry.data) return false;
  }
  entry.size = static_cast<std::size_t>(size);
  const auto leads_to = [&](Kind kind) {
    return size == 4 && entry.count == 1 && read_directory(number(entry.data, 4), kind) != nullptr;
  };
  const auto is = [&](Kind where, std::uint32_t tag) { return directory == where && entry.tag == tag; };
  if ((is(Kind::kImage, kPhotoDirectory) && !leads_to(Kind::kPhoto)) ||
      (is(Kind::kImage, kGpsDirectory) && !leads_to(Kind::kGps)) ||
      (is(Kind::kPhoto, kInteropDirectory) && !leads_to(Kind::kInterop))) {
    return false;
  }
  entries_.push_back(entry);
  return true;
}

const Exif::Entry* Exif::find(Kind directory, std::uint32_t tag) const {
  const auto found = std::ranges::find_if(
      entries_, [&](const Entry& entry) { return entry.directory == directory && entry.tag == tag; });
  return found == entries_.end() ? nullptr : &*found;
}

// Of a single number; of a fraction its quotient.
std::optional<double> Exif::value(const Entry* entry) const {
  if (entry == nullptr || entry->count != 1) return std::nullopt;
  switch (entry->type) {
    case kRational:
    case kSignedRational: {
      const std::uint32_t denominator = number(entry->data + 4, 4);
      if (denominator == 0) return std::nullopt;
      return static_cast<double>(number(entry->data, 4)) / denominator;
    }
    case kShort:
    case kLong:
    case 1:  // BYTE
    case 8:  // the signed ones: what is negative is nowhere allowed, and becomes too large
    case 9:
      return number(entry->data, static_cast<int>(entry->size));
    default:
      return std::nullopt;
  }
}

// Within the entry itself.
void Exif::set(const Entry* entry, std::uint32_t type, std::uint32_t value) {
  put(entry->at + 2, 2, type);
  put(entry->at + 4, 4, 1);
  put(entry->at + 8, 4, 0);
  put(entry->at + 8, type == kShort ? 2 : 4, value);
  auto& changed = entries_[static_cast<std::size_t>(entry - entries_.data())];
  changed = {entry->directory, entry->tag, type, 1, entry->at, entry->at + 8, type == kShort ? 2U : 4U};
}

std::optional<int> Exif::orientation() const {
  const auto found = value(find(Kind::kImage, kOrientation));
  if (!found || *found < 1 || *found > 8) return std::nullopt;
  return static_cast<int>(*found);
}

Resolution Exif::resolution() const {
  const auto x = value(find(Kind::kImage, kXResolution)), y = value(find(Kind::kImage, kYResolution));
  if (!x || !y) return {};
  const auto unit = value(find(Kind::kImage, kResolutionUnit)).value_or(2);
  return make_resolution(unit == 2   ? Resolution::Unit::kInch
                         : unit == 3 ? Resolution::Unit::kCentimetre
                                     : Resolution::Unit::kRatio,
                         *x, *y);
}

bool Exif::says(const Resolution& other) const {
  const Resolution own = resolution();
  if (is_ratio(own) || is_ratio(other)) return own == other;
  constexpr auto kInch = Resolution::Unit::kInch;
  const auto is_almost = [](double a, double b) { return std::abs(a - b) <= 1e-3 * std::max(a, b); };
  return is_almost(in_unit(own, own.x, kInch), in_unit(other, other.x, kInch)) &&
         is_almost(in_unit(own, own.y, kInch), in_unit(other, other.y, kInch));
}

void Exif::make_upright(bool turned, Size upright) {
  for (const Entry& entry : entries_) {
    if (entry.directory == Kind::kImage && entry.tag == kOrientation) set(&entry, kShort, 1);
  }
  remove_thumbnail();
  if (!turned) return;
  for (const auto& [directory, width, height] : {std::tuple{Kind::kImage, kImageWidth, kImageLength},
                                                 {Kind::kPhoto, kPixelXDimension, kPixelYDimension}}) {
    const Entry *x = find(directory, width), *y = find(directory, height);
    if (value(x) != upright.height || value(y) != upright.width) continue;
    set(x, kLong, upright.width);
    set(y, kLong, upright.height);
  }
  const Entry *x = find(Kind::kImage, kXResolution), *y = find(Kind::kImage, kYResolution);
  if (value(x) && value(y) && x->size == y->size) {
    std::byte* bytes = bytes_.data();
    std::swap_ranges(bytes + x->data, bytes + x->data + x->size, bytes + y->data);
  }
}

void Exif::set_size(Size size) {
  for (const auto& [directory, width, height] : {std::tuple{Kind::kImage, kImageWidth, kImageLength},
                                                 {Kind::kPhoto, kPixelXDimension, kPixelYDimension}}) {
    const Entry *x = find(directory, width), *y = find(directory, height);
    if (!value(x) || !value(y) || (value(x) == size.width && value(y) == size.height)) continue;
    set(x, kLong, size.width);
    set(y, kLong, size.height);
  }
}

void Exif::remove_thumbnail() {
  if (directories_.empty() || directories_[0].link == 0 || number(directories_[0].link, kLink) == 0) return;
  // Its pixels are where they are told to be, unless something else is there, too.
  for (const auto& [where, length] :
       {std::pair{kThumbnailOffset, kThumbnailLength}, {kStripOffsets, kStripByteCounts}}) {
    const auto begin = value(find(Kind::kThumbnail, where)), size = value(find(Kind::kThumbnail, length));
    if (begin && size && *begin + *size <= static_cast<double>(bytes_.size()))
      erase(static_cast<std::size_t>(*begin), static_cast<std::size_t>(*begin + *size));
  }
  put(directories_[0].link, kLink, 0);
  std::erase_if(entries_, [](const Entry& entry) { return entry.directory == Kind::kThumbnail; });
  for (const Directory& directory : directories_) {
    if (directory.kind == Kind::kThumbnail) erase(directory.begin, directory.end);
  }
  std::erase_if(directories_, [](const Directory& found) { return found.kind == Kind::kThumbnail; });
  std::size_t used = 0;
  for (const Directory& directory : directories_) used = std::max(used, directory.end);
  for (const Entry& entry : entries_) used = std::max(used, entry.data + entry.size);
  while (bytes_.size() > used && bytes_.back() == std::byte{0}) bytes_.pop_back();
}

// Makes it 0, unless any of it is what stays.
void Exif::erase(std::size_t begin, std::size_t end) {
  const auto meets = [&](std::size_t from, std::size_t to) { return from < end && begin < to; };
  constexpr std::size_t kHeader = 8;
  if (meets(0, kHeader)) return;
  for (const Directory& directory : directories_) {
    if (directory.kind != Kind::kThumbnail && meets(directory.begin, directory.end)) return;
  }
  for (const Entry& entry : entries_) {
    if (entry.directory != Kind::kThumbnail && meets(entry.data, entry.data + entry.size)) return;
  }
  std::fill(bytes_.data() + begin, bytes_.data() + end, std::byte{0});
}

}  // namespace vaec::image
