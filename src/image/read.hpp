// Picture files -> pixels.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "image/format.hpp"
#include "vaec/image.hpp"
#include "vaec/options.hpp"

namespace vaec::image {

struct Reading {
  Image image;                     // upright: the orientation that the file tells is applied
  std::vector<std::string> notes;  // what of the file is left out and why, a phrase each
};

// Of a whole file of any format that vaec reads; its extension does not count. Throws Error, each message
// beginning with `name`: kUnreadable (damaged, no image, of a kind that this version cannot read), kLimit.
// No pixel is decoded, and nothing allocated that grows with the size.
[[nodiscard]] Header read_header(std::span<const std::byte> file, const std::string& name,
                                 const Limits& limits = {});

// Grey stays grey, 16 bits stay 16; fewer than 8 become 8, others 16; palettes become RGB, or grey where all
// of their colours are; transparent colours become alpha; CMYK becomes sRGB. Of several pages or pictures the
// first counts where the rest are smaller copies or asides, and is noted; animations and books are refused.
// Throws Error as read_header(), and kInterrupted.
[[nodiscard]] Reading read_image(std::span<const std::byte> file, const std::string& name,
                                 const Limits& limits = {}, ReadOptions options = {});

// For measuring: the pixels alone.
[[nodiscard]] Image read_pixels(std::span<const std::byte> file, const std::string& name,
                                const Limits& limits = {});

// For training: the same, but always RGB of 8 bits; alpha is dropped.
[[nodiscard]] Image read_rgb(std::span<const std::byte> file, const std::string& name,
                             const Limits& limits = {});

}  // namespace vaec::image
