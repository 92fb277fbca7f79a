#include "image/metadata.hpp"

#include "image/imgcodecs.hpp"
#include "image/probe_formats.hpp"

namespace vaec::image {

Metadata read_metadata(std::span<const std::byte> file) { return imgcodecs().read_metadata(file); }

std::vector<std::byte> with_metadata(std::span<const std::byte> file, const Metadata& metadata) {
  const auto format = probe(file).format;
  if (!metadata.exif.empty()) imgcodecs().check_exif(metadata.exif);  // Exiv2 does not write all of them
  // Exiv2 0.27 writes EXIF into PNG as ImageMagick once did, as hexadecimal text: few programs look there.
  if (format == FileFormat::kPng && !metadata.exif.empty()) {
    const auto rest = imgcodecs().write_metadata(file, {metadata.icc, {}, metadata.xmp});
    return png_with_exif(rest, metadata.exif);
  }
  // It writes a wrong chunk for the profile of a WebP file that had no metadata.
  if (format == FileFormat::kWebp) return webp_with_metadata(file, metadata);
  return imgcodecs().write_metadata(file, metadata);
}

}  // namespace vaec::image
