// Samples as a TIFF picture has them become those of a picture in memory.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "image/format.hpp"
#include "image/formats/tiff_layout.hpp"
#include "image/metadata/colour_profile.hpp"

namespace vaec::image {

// `Sample`: std::uint8_t or std::uint16_t, as the layout's bit_depth says.
template <typename Sample>
class TiffRows {
 public:
  // Of all colours but kYcbcr. `icc`: of CMYK.
  TiffRows(TIFF* tiff, const TiffLayout& layout, std::span<const std::byte> icc);

  // The samples of a pixel that are used: those of its colours, then alpha. Of planes apart the others need
  // not be read.
  [[nodiscard]] const std::vector<std::uint32_t>& used() const { return used_; }

  // Puts `count` pixels into row `y` of `image` from column `x` on. `planes`: where the first pixel lies, of
  // planes apart in each that is used.
  void put(std::span<const std::byte* const> planes, std::uint32_t count, std::uint32_t x, std::uint32_t y,
           Image& image);

  [[nodiscard]] std::vector<std::string> notes() const {
    return cmyk_ ? cmyk_->notes() : std::vector<std::string>{};
  }

 private:
  void unpack(std::span<const std::byte* const> planes, std::size_t used, std::uint32_t count);

  TiffLayout layout_;
  std::vector<std::uint32_t> used_;
  bool is_plain_ = false;               // the bytes are the picture's samples already
  std::vector<Sample> colour_, alpha_;  // by the values of samples
  std::array<std::vector<Sample>, 3> palette_;
  std::optional<CmykConverter> cmyk_;
  std::vector<std::uint16_t> values_;  // of one sample, in a row
  std::vector<Sample> inks_;           // of a row
};

extern template class TiffRows<std::uint8_t>;
extern template class TiffRows<std::uint16_t>;

}  // namespace vaec::image
