// The formats whose probes are long enough for a file of their own.
// Each takes a whole file with the right signature.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "image/probe.hpp"
#include "vaec/image.hpp"

namespace vaec::image {

[[nodiscard]] Probe probe_png(std::span<const std::byte> file);
[[nodiscard]] Probe probe_jpeg(std::span<const std::byte> file);
[[nodiscard]] Probe probe_bmp(std::span<const std::byte> file);
[[nodiscard]] Probe probe_webp(std::span<const std::byte> file);
[[nodiscard]] Probe probe_jpeg2000(std::span<const std::byte> file);

// A still WebP file with these instead of those that it had.
[[nodiscard]] std::vector<std::byte> webp_with_metadata(std::span<const std::byte> file,
                                                        const Metadata& metadata);

// A whole PNG file with an eXIf chunk (PNG, third edition, section 11.3.5.1) before its pixels.
[[nodiscard]] std::vector<std::byte> png_with_exif(std::span<const std::byte> file,
                                                   std::span<const std::byte> exif);

}  // namespace vaec::image
