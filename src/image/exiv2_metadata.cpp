// The one place where Exiv2 works, and where its exceptions end.
#include "image/exiv2_metadata.hpp"

#include <algorithm>
#include <exiv2/exiv2.hpp>
#include <iterator>
#include <mutex>
#include <string>

#include "vaec/error.hpp"

namespace vaec::image {
namespace {

std::vector<std::byte> bytes_of(const void* data, std::size_t size) {
  const auto* begin = static_cast<const std::byte*>(data);
  return {begin, begin + size};
}

const Exiv2::byte* data_of(std::span<const std::byte> bytes) {
  return reinterpret_cast<const Exiv2::byte*>(bytes.data());
}

#if EXIV2_TEST_VERSION(0, 28, 0)
using Size = std::size_t;
std::vector<std::byte> bytes_of(const Exiv2::DataBuf& buffer) {
  return bytes_of(buffer.c_data(), buffer.size());
}
std::vector<std::byte> icc_of(const Exiv2::Image& image) { return bytes_of(image.iccProfile()); }
Exiv2::DataBuf buffer_of(std::span<const std::byte> bytes) { return {data_of(bytes), bytes.size()}; }
void set_icc(Exiv2::Image& image, std::span<const std::byte> icc) { image.setIccProfile(buffer_of(icc)); }
std::int64_t integer_of(const Exiv2::Metadatum& datum) { return datum.toInt64(); }
#else
using Size = long;
std::vector<std::byte> bytes_of(const Exiv2::DataBuf& buffer) {
  return bytes_of(buffer.pData_, static_cast<std::size_t>(buffer.size_));
}
std::vector<std::byte> icc_of(Exiv2::Image& image) { return bytes_of(*image.iccProfile()); }
void set_icc(Exiv2::Image& image, std::span<const std::byte> icc) {
  Exiv2::DataBuf buffer(data_of(icc), static_cast<long>(icc.size()));
  image.setIccProfile(buffer);
}
std::int64_t integer_of(const Exiv2::Metadatum& datum) { return datum.toLong(); }
#endif

// Exiv2's XMP parser has global state.
void lock_xmp(void* mutex, bool lock) {
  auto& held = *static_cast<std::recursive_mutex*>(mutex);
  if (lock) {
    held.lock();
  } else {
    held.unlock();
  }
}

void initialize() {
  static std::recursive_mutex mutex;
  static const bool done = [] {
    Exiv2::LogMsg::setLevel(Exiv2::LogMsg::mute);
    return Exiv2::XmpParser::initialize(lock_xmp, &mutex);
  }();
  (void)done;
}

// What of a TIFF file's directory says how its own pixels are stored, or stands elsewhere in Metadata.
void erase_structure(Exiv2::ExifData& exif) {
  constexpr std::uint16_t kTags[] = {254, 255, 256, 257, 258, 259, 262, 263, 266, 273, 277,
                                     278, 279, 280, 281, 284, 290, 291, 292, 293, 301, 317,
                                     320, 321, 322, 323, 324, 325, 330, 338, 339, 340, 341,
                                     342, 347, 512, 513, 514, 529, 530, 531, 532, 700, 34675};
  for (auto it = exif.begin(); it != exif.end();) {
    const bool structural = it->groupName() == "Image" &&
                            std::find(std::begin(kTags), std::end(kTags), it->tag()) != std::end(kTags);
    it = structural ? exif.erase(it) : std::next(it);
  }
}

// Says that the pixels stand upright.
void make_upright(Exiv2::ExifData& exif) {
  const auto orientation = exif.findKey(Exiv2::ExifKey("Exif.Image.Orientation"));
  if (orientation == exif.end()) return;
  const auto value = integer_of(*orientation);
  exif["Exif.Image.Orientation"] = std::uint16_t{1};
  if (value < 2 || value > 8) return;
  Exiv2::ExifThumb(exif).erase();
  if (value < 5) return;
  const auto x = exif.findKey(Exiv2::ExifKey("Exif.Photo.PixelXDimension")),
             y = exif.findKey(Exiv2::ExifKey("Exif.Photo.PixelYDimension"));
  if (x == exif.end() || y == exif.end()) return;
  const auto width = integer_of(*x), height = integer_of(*y);
  exif["Exif.Photo.PixelXDimension"] = static_cast<std::uint32_t>(height);
  exif["Exif.Photo.PixelYDimension"] = static_cast<std::uint32_t>(width);
}

std::string upright_xmp(Exiv2::Image& image) {
  auto& xmp = image.xmpData();
  const Exiv2::XmpKey key("Xmp.tiff.Orientation");
  if (xmp.findKey(key) == xmp.end() || integer_of(xmp["Xmp.tiff.Orientation"]) == 1) return image.xmpPacket();
  xmp["Xmp.tiff.Orientation"] = "1";
  std::string packet;
  Exiv2::XmpParser::encode(packet, xmp);
  return packet;
}

Metadata read(std::span<const std::byte> file) {
  auto image = Exiv2::ImageFactory::open(data_of(file), static_cast<Size>(file.size()));
  image->readMetadata();
  Metadata metadata;
  if (image->iccProfileDefined()) metadata.icc = icc_of(*image);
  auto& exif = image->exifData();
  erase_structure(exif);
  make_upright(exif);
  if (!exif.empty()) {
    const auto order = image->byteOrder() == Exiv2::bigEndian ? Exiv2::bigEndian : Exiv2::littleEndian;
    Exiv2::Blob blob;
    Exiv2::ExifParser::encode(blob, order, exif);
    metadata.exif = bytes_of(blob.data(), blob.size());
  }
  const std::string xmp = upright_xmp(*image);
  metadata.xmp = bytes_of(xmp.data(), xmp.size());
  return metadata;
}

Exiv2::ExifData decoded_exif(std::span<const std::byte> blob) {
  Exiv2::ExifData exif;
  Exiv2::ExifParser::decode(exif, data_of(blob), static_cast<std::uint32_t>(blob.size()));
  return exif;
}

std::vector<std::byte> write(std::span<const std::byte> file, const Metadata& metadata) {
  auto image = Exiv2::ImageFactory::open(data_of(file), static_cast<Size>(file.size()));
  image->readMetadata();
  const bool is_tiff = image->mimeType() == "image/tiff";
  if (!metadata.exif.empty()) {
    auto exif = decoded_exif(metadata.exif);
    erase_structure(exif);  // an untrusted file could have it
    for (const auto& datum : exif) image->exifData()[datum.key()] = datum.value();
  }
  if (!metadata.icc.empty()) set_icc(*image, metadata.icc);
  if (!metadata.xmp.empty()) {
    const std::string packet(reinterpret_cast<const char*>(metadata.xmp.data()), metadata.xmp.size());
    if (is_tiff) {
      if (Exiv2::XmpParser::decode(image->xmpData(), packet) != 0)
        throw Error(ErrorCode::kWrite, "its XMP is damaged");
    }
    image->setXmpPacket(packet);
    image->writeXmpFromPacket(true);
  }
  image->writeMetadata();
  auto& io = image->io();
  if (io.open() != 0) throw Error(ErrorCode::kWrite, "metadata cannot be written");
  return bytes_of(io.read(static_cast<Size>(io.size())));
}

template <typename Work>
auto guarded(ErrorCode code, const Work& work) {
  initialize();
  try {
    return work();
  } catch (const Error&) {
    throw;
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::exception& error) {  // Exiv2's own, and what its parsers let through
    throw Error(code, error.what());
  }
}

}  // namespace

Metadata exiv2_read(std::span<const std::byte> file) {
  return guarded(ErrorCode::kUnreadable, [&] { return read(file); });
}

std::vector<std::byte> exiv2_write(std::span<const std::byte> file, const Metadata& metadata) {
  return guarded(ErrorCode::kWrite, [&] { return write(file, metadata); });
}

void exiv2_check_exif(std::span<const std::byte> exif) {
  guarded(ErrorCode::kWrite, [&] { static_cast<void>(decoded_exif(exif)); });
}

}  // namespace vaec::image
