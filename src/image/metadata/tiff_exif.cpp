#include "image/metadata/tiff_exif.hpp"

#include <algorithm>
#include <cstdint>
#include <exiv2/exiv2.hpp>
#include <iterator>
#include <limits>
#include <new>
#include <string>

#include "image/byte_reader.hpp"
#include "image/metadata/exiv2_lock.hpp"
#include "image/metadata/xmp_packet.hpp"
#include "vaec/error.hpp"

namespace vaec::image {
namespace {

#if EXIV2_TEST_VERSION(0, 28, 0)
using Size = std::size_t;
#else
using Size = long;
#endif

const Exiv2::byte* data_of(std::span<const std::byte> bytes) {
  return reinterpret_cast<const Exiv2::byte*>(bytes.data());
}

// Tags that say how the pixels are stored, how they are seen, or what stands elsewhere in Content.
bool is_structure(const Exiv2::Exifdatum& datum) {
  constexpr std::uint16_t kTags[] = {
      254, 255, 256, 257, 258, 259, 262, 263, 264, 265, 266, 273, 274, 277, 278, 279,   280,   281,   282,
      283, 284, 286, 287, 288, 289, 290, 291, 292, 293, 296, 297, 301, 317, 320, 321,   322,   323,   324,
      325, 326, 327, 328, 330, 332, 333, 334, 336, 338, 339, 340, 341, 342, 343, 344,   345,   346,   347,
      512, 513, 514, 515, 517, 518, 519, 520, 521, 529, 530, 531, 532, 559, 700, 33723, 34377, 34675, 37724};
  return std::find(std::begin(kTags), std::end(kTags), datum.tag()) != std::end(kTags);
}

// Other pages and previews are no EXIF.
bool is_exif(const Exiv2::Exifdatum& datum) {
  const std::string group = datum.groupName();
  if (group == "Image") return !is_structure(datum);
  return group.rfind("Image", 0) != 0 && group.rfind("SubImage", 0) != 0 && group != "Thumbnail" &&
         group.rfind("SubThumb", 0) != 0;
}

bool is_orientation(const Exiv2::Exifdatum& datum) { return datum.key() == "Exif.Image.Orientation"; }

template <typename Condition>
void erase_unless(Exiv2::ExifData& exif, const Condition& stays) {
  for (auto it = exif.begin(); it != exif.end();) it = stays(*it) ? std::next(it) : exif.erase(it);
}

// Where the first directory has XMP that Exiv2 would take minutes for: it parses what stands there, too. Gives
// the entries' offsets.
std::vector<std::size_t> costly_xmp(std::span<const std::byte> bytes) {
  constexpr std::uint32_t kXmp = 700;
  constexpr std::uint64_t kEntry = 12;
  const Endian endian = has_text_at(bytes, 0, "MM") ? Endian::kBig : Endian::kLittle;
  const auto number = [&](std::uint64_t at, int size) {
    return read_integer(bytes, at, size, endian).value_or(0);
  };
  std::vector<std::size_t> found;
  const std::uint64_t begin = number(4, 4), count = number(begin, 2);
  for (std::uint64_t at = begin + 2; at < begin + 2 + count * kEntry; at += kEntry) {
    if (number(at, 2) != kXmp) continue;
    const std::uint64_t size = number(at + 4, 4), where = number(at + 8, 4);
    constexpr std::uint64_t kWithinEntry = 4;
    if (size <= kWithinEntry || size > bytes.size() || where > bytes.size() - size)
      continue;  // Exiv2 leaves it out
    if (!is_parsable_packet(text_of(bytes.subspan(where, size)))) found.push_back(at);
  }
  return found;
}

Exiv2::ExifData decoded(std::span<const std::byte> bytes, Exiv2::ByteOrder* order = nullptr) {
  Exiv2::ExifData exif;
  if (bytes.size() > std::numeric_limits<std::uint32_t>::max()) return exif;  // no offset is larger
  if (const auto costly = costly_xmp(bytes); !costly.empty()) {
    std::vector<std::byte> without(bytes.begin(), bytes.end());
    for (const auto at : costly)
      std::fill_n(without.begin() + static_cast<std::ptrdiff_t>(at) + 4, 4, std::byte{0});  // their counts
    return decoded(without, order);
  }
  const auto found =
      Exiv2::ExifParser::decode(exif, data_of(bytes), static_cast<std::uint32_t>(bytes.size()));
  if (order != nullptr) *order = found;
  return exif;
}

template <typename Work>
auto guarded(const Work& work) {
  const auto lock = use_exiv2();
  try {
    return work();
  } catch (const Error&) {
    throw;
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::exception& error) {  // Exiv2's own, and what its parsers let through
    throw Error(ErrorCode::kWrite, error.what());
  }
}

// Exiv2 takes the first directory for the picture's.
std::vector<std::byte> beginning_with(std::span<const std::byte> file, std::uint64_t directory) {
  std::vector<std::byte> changed(file.begin(), file.end());
  const bool is_big = has_text_at(file, 0, "MM");
  for (std::size_t i = 0; i < 4; ++i)
    changed.at(4 + i) = static_cast<std::byte>(directory >> 8 * (is_big ? 3 - i : i) & 0xff);
  return changed;
}

}  // namespace

TiffExif exif_of_tiff(std::span<const std::byte> file, std::uint64_t directory, std::uint64_t largest_tag) {
  const Endian endian = has_text_at(file, 0, "MM") ? Endian::kBig : Endian::kLittle;
  constexpr std::uint32_t kTiff = 42;  // a BigTIFF has another number, and longer offsets
  if (read_integer(file, 2, 2, endian) == kTiff && read_integer(file, 4, 4, endian) != directory)
    return exif_of_tiff(beginning_with(file, directory), directory, largest_tag);
  try {
    return guarded([&] {
      Exiv2::ByteOrder order = Exiv2::invalidByteOrder;
      Exiv2::ExifData exif = decoded(file, &order);
      TiffExif found;
      found.has_iptc = exif.findKey(Exiv2::ExifKey("Exif.Image.IPTCNAA")) != exif.end();
      erase_unless(exif, is_exif);
      erase_unless(exif, [&](const Exiv2::Exifdatum& datum) {
        const bool fits = static_cast<std::uint64_t>(datum.size()) <= largest_tag;
        if (!fits) found.left_out.push_back(datum.key() + " of " + std::to_string(datum.size()) + " bytes");
        return fits;
      });
      if (exif.empty()) return found;
      Exiv2::Blob blob;
      Exiv2::ExifParser::encode(blob, order == Exiv2::bigEndian ? Exiv2::bigEndian : Exiv2::littleEndian,
                                exif);
      const auto* begin = reinterpret_cast<const std::byte*>(blob.data());
      found.exif.assign(begin, begin + blob.size());
      return found;
    });
  } catch (const Error&) {
    return {};
  }
}

bool is_camera_raw(std::span<const std::byte> file) {
  try {
    return guarded([&] {
      constexpr std::uint16_t kPhotometric = 262;
      const Exiv2::ExifData exif = decoded(file);
      return std::any_of(exif.begin(), exif.end(), [](const Exiv2::Exifdatum& datum) {
        const std::string value = datum.tag() == kPhotometric ? datum.toString() : std::string();
        return value == "32803" || value == "34892";  // a colour filter array, LinearRaw
      });
    });
  } catch (const Error&) {
    return false;
  }
}

std::vector<std::byte> with_exif(std::span<const std::byte> file, std::span<const std::byte> exif) {
  return guarded([&] {
    auto image = Exiv2::ImageFactory::open(data_of(file), static_cast<Size>(file.size()));
    image->readMetadata();
    Exiv2::ExifData added = decoded(exif);
    erase_unless(added, [](const auto& datum) { return is_exif(datum) || is_orientation(datum); });
    for (const auto& datum : added) image->exifData()[datum.key()] = datum.value();
    image->writeXmpFromPacket(true);
    image->writeMetadata();
    auto& io = image->io();
    if (io.open() != 0) throw Error(ErrorCode::kWrite, "metadata cannot be written");
    std::vector<std::byte> result(static_cast<std::size_t>(io.size()));
    const auto size = static_cast<Size>(result.size());
    if (io.read(reinterpret_cast<Exiv2::byte*>(result.data()), size) != size)
      throw Error(ErrorCode::kWrite, "metadata cannot be written");
    return result;
  });
}

}  // namespace vaec::image
