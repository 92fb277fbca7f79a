#include "image/formats/tiff_layout.hpp"

#include <algorithm>
#include <map>

#include "vaec/error.hpp"

namespace vaec::image {
namespace {

[[noreturn]] void refuse(const std::string& why) { throw Error(ErrorCode::kUnreadable, why); }

[[noreturn]] void refuse_kind(const std::string& kind) {
  refuse("is " + kind + ", which this version cannot read: convert it to RGB first");
}

// Photometric interpretations that are no picture as it is seen, or need what vaec has not.
const std::map<std::uint16_t, const char*> kForeign = {
    {PHOTOMETRIC_MASK, "a transparency mask"},          {PHOTOMETRIC_CIELAB, "a CIE L*a*b* TIFF picture"},
    {PHOTOMETRIC_ICCLAB, "an ICC L*a*b* TIFF picture"}, {PHOTOMETRIC_ITULAB, "an ITU L*a*b* TIFF picture"},
    {PHOTOMETRIC_LOGL, "a LogL TIFF picture"},          {PHOTOMETRIC_LOGLUV, "a LogLuv TIFF picture"}};

void check_compression(std::uint16_t compression) {
  if (TIFFIsCODECConfigured(compression) == 1 && compression != COMPRESSION_JBIG) return;
  const TIFFCodec* codec = TIFFFindCODEC(compression);
  refuse("is a TIFF picture compressed by " +
         (codec != nullptr ? std::string(codec->name) : "method " + std::to_string(compression)) +
         ", which this version cannot read: convert it first");
}

void check_samples(const TiffLayout& layout, std::uint16_t sample_format) {
  constexpr std::uint32_t kMostBits = 16;
  const bool is_unsigned = sample_format == SAMPLEFORMAT_UINT || sample_format == SAMPLEFORMAT_VOID;
  if (!is_unsigned || layout.bits > kMostBits)
    refuse(
        "has samples that are no integers of 8 or 16 bits, which this version cannot code: reduce them "
        "first");
  if (layout.bits == 0 || layout.samples == 0) refuse("damaged: its pixels have no samples");
}

std::uint16_t photometric_of(TIFF* tiff, const TiffLayout& layout, std::uint16_t compression) {
  std::uint16_t found = 0;
  if (TIFFGetField(tiff, TIFFTAG_PHOTOMETRIC, &found) == 1) return found;
  if (layout.samples >= 3) return PHOTOMETRIC_RGB;
  const bool is_fax = compression == COMPRESSION_CCITTRLE || compression == COMPRESSION_CCITTRLEW ||
                      compression == COMPRESSION_CCITTFAX3 || compression == COMPRESSION_CCITTFAX4;
  return is_fax ? PHOTOMETRIC_MINISWHITE : PHOTOMETRIC_MINISBLACK;
}

void find_colours(TIFF* tiff, std::uint16_t compression, TiffLayout& layout) {
  const auto photometric = photometric_of(tiff, layout, compression);
  switch (photometric) {
    case PHOTOMETRIC_MINISWHITE:
      layout.colours = TiffColours::kWhiteIsZero;
      return;
    case PHOTOMETRIC_MINISBLACK:
      layout.colours = TiffColours::kBlackIsZero;
      return;
    case PHOTOMETRIC_PALETTE:
      layout.colours = TiffColours::kPalette;
      return;
    case PHOTOMETRIC_RGB:
      layout.colours = TiffColours::kRgb;
      layout.colour_samples = 3;
      return;
    case PHOTOMETRIC_YCBCR:
      layout.colour_samples = 3;
      layout.colours = TiffColours::kYcbcr;
      if (compression == COMPRESSION_JPEG && !layout.planes_apart) {
        TIFFSetField(tiff, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
        layout.colours = TiffColours::kRgb;
      }
      return;
    case PHOTOMETRIC_SEPARATED:
      layout.colours = TiffColours::kCmyk;
      layout.colour_samples = 4;
      if (tiff_value<std::uint16_t>(tiff, TIFFTAG_INKSET, INKSET_CMYK) != INKSET_CMYK)
        refuse_kind("a TIFF picture of other inks than CMYK");
      return;
    default:
      break;
  }
  const auto foreign = kForeign.find(photometric);
  refuse_kind(foreign != kForeign.end()
                  ? foreign->second
                  : "a TIFF picture of photometric interpretation " + std::to_string(photometric));
}

// Alpha is what says that it is. Other samples are left out, and told.
void find_alpha(TIFF* tiff, TiffLayout& layout) {
  std::uint16_t count = 0;
  const std::uint16_t* kinds = nullptr;
  if (TIFFGetField(tiff, TIFFTAG_EXTRASAMPLES, &count, &kinds) != 1 || kinds == nullptr) count = 0;
  const std::uint32_t extra = layout.samples - layout.colour_samples;
  const bool can_have_alpha = layout.colours != TiffColours::kYcbcr;
  for (std::uint32_t i = 0; i < std::min<std::uint32_t>(count, extra) && can_have_alpha; ++i) {
    if (kinds[i] != EXTRASAMPLE_ASSOCALPHA && kinds[i] != EXTRASAMPLE_UNASSALPHA) continue;
    layout.alpha = kinds[i] == EXTRASAMPLE_ASSOCALPHA ? TiffAlpha::kAssociated : TiffAlpha::kUnassociated;
    layout.alpha_sample = layout.colour_samples + i;
    break;
  }
  const std::uint32_t rest = extra - (layout.alpha == TiffAlpha::kNone ? 0 : 1);
  if (rest == 0) return;
  constexpr const char* kOrdinals[] = {"", "", "a second", "", "a fourth", "a fifth"};
  layout.notes.push_back(rest == extra && rest == 1
                             ? kOrdinals[layout.samples] +
                                   std::string(" sample of no stated meaning: left out")
                             : std::to_string(rest) + " more samples a pixel: left out");
}

}  // namespace

TiffLayout tiff_layout(TIFF* tiff) {
  TiffLayout layout;
  layout.width = tiff_value<std::uint32_t>(tiff, TIFFTAG_IMAGEWIDTH, 0);
  layout.height = tiff_value<std::uint32_t>(tiff, TIFFTAG_IMAGELENGTH, 0);
  if (layout.width == 0 || layout.height == 0) refuse("damaged: the TIFF says no width and height");
  layout.bits = tiff_value<std::uint16_t>(tiff, TIFFTAG_BITSPERSAMPLE, 1);
  layout.samples = tiff_value<std::uint16_t>(tiff, TIFFTAG_SAMPLESPERPIXEL, 1);
  const auto planes = tiff_value<std::uint16_t>(tiff, TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG);
  layout.planes_apart = planes == PLANARCONFIG_SEPARATE && layout.samples > 1;
  const auto compression = tiff_value<std::uint16_t>(tiff, TIFFTAG_COMPRESSION, COMPRESSION_NONE);
  if (tiff_value<std::uint32_t>(tiff, TIFFTAG_IMAGEDEPTH, 1) > 1)
    refuse("is a TIFF picture of several slices, which this version cannot code: extract one first");
  find_colours(tiff, compression, layout);
  check_samples(layout, tiff_value<std::uint16_t>(tiff, TIFFTAG_SAMPLEFORMAT, SAMPLEFORMAT_UINT));
  check_compression(compression);
  if (layout.samples < layout.colour_samples) {
    refuse("damaged: its pixels have " + std::to_string(layout.samples) + " samples, expected " +
           std::to_string(layout.colour_samples));
  }
  const bool takes_8_bits = compression == COMPRESSION_JPEG || compression == COMPRESSION_OJPEG ||
                            layout.colours == TiffColours::kYcbcr;
  if (takes_8_bits && layout.bits != 8)
    refuse_kind("a TIFF picture of JPEG or YCbCr of " + std::to_string(layout.bits) + " bits");
  find_alpha(tiff, layout);
  layout.bit_depth = layout.bits > 8 ? 16 : 8;
  if (layout.colours == TiffColours::kPalette) layout.bit_depth = tiff_palette(tiff, layout.bits).bits;
  return layout;
}

// Entries of 8 bits are all below 256, as old programs wrote them, or such as 8 bits become: v * 257, v * 256.
TiffPalette tiff_palette(TIFF* tiff, std::uint32_t sample_bits) {
  std::array<std::uint16_t*, 3> maps = {};
  if (TIFFGetField(tiff, TIFFTAG_COLORMAP, &maps[0], &maps[1], &maps[2]) != 1 ||
      std::find(maps.begin(), maps.end(), nullptr) != maps.end()) {
    refuse("damaged: a TIFF picture of a palette has none");
  }
  TiffPalette palette;
  for (std::size_t c = 0; c < maps.size(); ++c)
    palette.entries[c].assign(maps[c], maps[c] + (std::size_t{1} << sample_bits));
  const auto all = [&](const auto& are) {
    return std::all_of(palette.entries.begin(), palette.entries.end(),
                       [&](const auto& entries) { return std::all_of(entries.begin(), entries.end(), are); });
  };
  const bool is_small = all([](std::uint16_t entry) { return entry < 256; });
  if (!is_small && !all([](std::uint16_t entry) { return entry % 256 == 0 || entry % 257 == 0; }))
    return palette;
  palette.bits = 8;
  if (is_small) return palette;
  for (auto& entries : palette.entries) {
    for (auto& entry : entries) entry = static_cast<std::uint16_t>(entry / 256);
  }
  return palette;
}

}  // namespace vaec::image
