// Picture formats by how their files begin. No library is needed.
#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace vaec::image {

enum class FileFormat {
  kUnknown,
  kPng,
  kJpeg,
  kWebp,
  kTiff,
  kJpeg2000,
  kBmp,
  kPnm,
  kGif,
  kHeif,  // HEIC and AVIF
  kJpegXl
};

// So many bytes of a file's beginning are enough.
inline constexpr std::size_t kSignatureBytes = 64;

[[nodiscard]] FileFormat format_by_signature(std::span<const std::byte> file);

// "a Photoshop", "a PAM": a format that pictures have and vaec does not read; empty: none of those.
[[nodiscard]] std::string foreign_format(std::span<const std::byte> file);

// Whether it is a picture, of a format that vaec reads or of one that it knows by name.
[[nodiscard]] bool is_picture(std::span<const std::byte> beginning);

}  // namespace vaec::image
