// What a TIFF directory says of its pixels (TIFF 6.0), as far as pictures of it can be read.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "image/format.hpp"
#include "image/formats/tiff_file.hpp"

namespace vaec::image {

enum class TiffColours { kBlackIsZero, kWhiteIsZero, kPalette, kRgb, kCmyk, kYcbcr };
enum class TiffAlpha { kNone, kUnassociated, kAssociated };

struct TiffLayout {
  std::uint32_t width = 0, height = 0;
  std::uint32_t samples = 1, bits = 1;  // of a pixel, and of each of its samples
  bool planes_apart = false;
  TiffColours colours = TiffColours::kBlackIsZero;  // kYcbcr: where libtiff has to make RGB of them
  std::uint32_t colour_samples = 1;                 // the first ones of a pixel
  TiffAlpha alpha = TiffAlpha::kNone;
  std::uint32_t alpha_sample = 0;
  std::uint32_t bit_depth = 8;     // of the picture in memory
  std::vector<std::string> notes;  // samples that are left out

  [[nodiscard]] Header header() const {
    return {width, height, colours <= TiffColours::kWhiteIsZero ? 1U : 3U, alpha != TiffAlpha::kNone,
            bit_depth};
  }
};

// Of the current directory, whose JPEG data libtiff then gives as RGB. Throws Error kUnreadable, by its name,
// for what cannot be read.
[[nodiscard]] TiffLayout tiff_layout(TIFF* tiff);

// A palette's colours, by the value of a sample: red, green, blue.
struct TiffPalette {
  std::uint32_t bits = 16;  // 8 or 16
  std::array<std::vector<std::uint16_t>, 3> entries;
};
[[nodiscard]] TiffPalette tiff_palette(TIFF* tiff, std::uint32_t sample_bits);

}  // namespace vaec::image
