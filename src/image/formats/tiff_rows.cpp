#include "image/formats/tiff_rows.hpp"

#include <algorithm>
#include <cstring>

#include "image/rows.hpp"

namespace vaec::image {
namespace {

template <typename Sample>
constexpr std::uint32_t kLargest = static_cast<Sample>(~Sample{0});

// For each value of a sample of so many bits what it is of `Sample`'s range: the largest stays the largest.
template <typename Sample>
std::vector<Sample> scale(std::uint32_t bits, bool is_inverted) {
  const std::uint64_t largest = (std::uint64_t{1} << bits) - 1;
  std::vector<Sample> scaled(largest + 1);
  for (std::uint64_t value = 0; value <= largest; ++value) {
    const auto found = (value * kLargest<Sample> + largest / 2) / largest;
    scaled[value] = static_cast<Sample>(is_inverted ? kLargest<Sample> - found : found);
  }
  return scaled;
}

// The value that begins `at` so many bits behind `bytes`, the largest bit first.
std::uint16_t bits_at(const std::byte* bytes, std::uint64_t at, std::uint32_t bits) {
  const std::uint64_t first = at / 8, last = (at + bits - 1) / 8;
  std::uint32_t window = 0;
  for (std::uint64_t i = first; i <= last; ++i)
    window = window << 8 | std::to_integer<std::uint32_t>(bytes[i]);
  return static_cast<std::uint16_t>(window >> (7 - (at + bits - 1) % 8) & ((1U << bits) - 1));
}

// Colours that were multiplied by alpha. What is transparent has none.
template <typename Sample>
void divide_by_alpha(Sample* colours, const Sample* alpha, std::uint32_t channels, std::uint32_t count) {
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::uint64_t by = alpha[i];
    for (std::uint32_t c = 0; c < channels; ++c, ++colours) {
      *colours = by == 0 ? Sample{0}
                         : static_cast<Sample>(std::min<std::uint64_t>(
                               kLargest<Sample>, (*colours * std::uint64_t{kLargest<Sample>} + by / 2) / by));
    }
  }
}

}  // namespace

template <typename Sample>
TiffRows<Sample>::TiffRows(TIFF* tiff, const TiffLayout& layout, std::span<const std::byte> icc)
    : layout_(layout) {
  for (std::uint32_t i = 0; i < layout.colour_samples; ++i) used_.push_back(i);
  const bool has_alpha = layout.alpha != TiffAlpha::kNone;
  if (has_alpha) used_.push_back(layout.alpha_sample);
  is_plain_ = (layout.colours == TiffColours::kRgb || layout.colours == TiffColours::kBlackIsZero) &&
              layout.bits == 8 * sizeof(Sample) && !layout.planes_apart && layout.samples == used_.size() &&
              !has_alpha;
  if (is_plain_) return;
  if (has_alpha) alpha_ = scale<Sample>(layout.bits, false);
  if (layout.colours == TiffColours::kPalette) {
    const TiffPalette palette = tiff_palette(tiff, layout.bits);
    for (std::size_t c = 0; c < palette_.size(); ++c)
      palette_[c].assign(palette.entries[c].begin(), palette.entries[c].end());
  } else {
    colour_ = scale<Sample>(layout.bits, layout.colours == TiffColours::kWhiteIsZero);
  }
  if (layout.colours == TiffColours::kCmyk) cmyk_.emplace(icc);
}

// The values of a sample that is used.
template <typename Sample>
void TiffRows<Sample>::unpack(std::span<const std::byte* const> planes, std::size_t used,
                              std::uint32_t count) {
  values_.resize(count);
  const std::byte* from = layout_.planes_apart ? planes[used] : planes[0];
  const std::uint64_t begin = layout_.planes_apart ? 0 : used_[used],
                      step = layout_.planes_apart ? 1 : layout_.samples;
  if (layout_.bits == 8) {
    for (std::uint32_t i = 0; i < count; ++i)
      values_[i] = std::to_integer<std::uint16_t>(from[begin + i * step]);
  } else if (layout_.bits == 16) {
    for (std::uint32_t i = 0; i < count; ++i) std::memcpy(&values_[i], from + 2 * (begin + i * step), 2);
  } else {
    for (std::uint32_t i = 0; i < count; ++i)
      values_[i] = bits_at(from, (begin + i * step) * layout_.bits, layout_.bits);
  }
}

template <typename Sample>
void TiffRows<Sample>::put(std::span<const std::byte* const> planes, std::uint32_t count, std::uint32_t x,
                           std::uint32_t y, Image& image) {
  const std::size_t pixel = std::size_t{y} * image.width + x;
  Sample* const to = samples_of<Sample>(image).data() + pixel * image.channels;
  if (is_plain_) {
    std::memcpy(to, planes[0], sizeof(Sample) * count * image.channels);
    return;
  }
  const std::uint32_t colours = cmyk_ ? 4 : image.channels;
  if (cmyk_) inks_.resize(std::size_t{count} * colours);
  Sample* const found = cmyk_ ? inks_.data() : to;
  for (std::size_t s = 0; s < layout_.colour_samples; ++s) {
    unpack(planes, s, count);
    if (layout_.colours == TiffColours::kPalette) {
      for (std::size_t i = 0; i < count; ++i) {
        for (std::size_t c = 0; c < 3; ++c) found[3 * i + c] = palette_[c][values_[i]];
      }
    } else {
      for (std::size_t i = 0; i < count; ++i) found[i * colours + s] = colour_[values_[i]];
    }
  }
  if (layout_.alpha != TiffAlpha::kNone) {
    unpack(planes, layout_.colour_samples, count);
    Sample* const alpha = alpha_of<Sample>(image).data() + pixel;
    for (std::size_t i = 0; i < count; ++i) alpha[i] = alpha_[values_[i]];
    if (layout_.alpha == TiffAlpha::kAssociated) divide_by_alpha(found, alpha, colours, count);
  }
  if (cmyk_) cmyk_->convert(found, to, count);
}

template class TiffRows<std::uint8_t>;
template class TiffRows<std::uint16_t>;

}  // namespace vaec::image
