#include "image/formats/tiff_ycbcr.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <string>
#include <vector>

#include "base/interrupt.hpp"
#include "vaec/error.hpp"

namespace vaec::image {
namespace {

[[noreturn]] void refuse(const std::string& why) { throw Error(ErrorCode::kUnreadable, why); }

class Converter {
 public:
  explicit Converter(TIFF* tiff) {
    std::array<char, 1024> why = {};
    constexpr int kGoesOn = 0;  // after an error, which is counted
    if (TIFFRGBAImageBegin(&state_, tiff, kGoesOn, why.data()) != 1)
      refuse(std::string("is a TIFF picture of YCbCr that libtiff cannot convert: ") + why.data());
    state_.req_orientation = state_.orientation;  // as stored
  }
  Converter(const Converter&) = delete;
  Converter& operator=(const Converter&) = delete;
  ~Converter() { TIFFRGBAImageEnd(&state_); }

  bool convert(std::uint32_t row, std::uint32_t width, std::uint32_t rows, std::uint32_t* pixels) {
    state_.row_offset = static_cast<int>(row);
    return TIFFRGBAImageGet(&state_, pixels, width, rows) == 1;
  }

 private:
  TIFFRGBAImage state_ = {};
};

}  // namespace

void read_tiff_ycbcr(TIFF* tiff, const TiffLayout& layout, std::uint64_t largest, TiffDamage& damage,
                     Image& image) {
  const bool is_tiled = TIFFIsTiled(tiff) == 1;
  const std::uint32_t most = std::clamp(
      tiff_value<std::uint32_t>(tiff, is_tiled ? TIFFTAG_TILELENGTH : TIFFTAG_ROWSPERSTRIP, layout.height),
      1U, layout.height);
  const std::uint64_t size = is_tiled ? TIFFTileSize64(tiff) : TIFFStripSize64(tiff);
  if (layout.height > std::numeric_limits<int>::max() || size > largest)
    refuse("damaged: has strips or tiles of " + std::to_string(size) + " bytes");
  Converter converter(tiff);
  std::vector<std::uint32_t> pixels(std::size_t{most} * layout.width);
  auto* to = image.samples.data();
  for (std::uint32_t y = 0; y < layout.height; y += std::min(most, layout.height - y)) {
    if (base::stop_requested()) throw Error(ErrorCode::kInterrupted, "interrupted");
    const std::uint32_t rows = std::min(most, layout.height - y);
    std::fill(pixels.begin(), pixels.end(), 0);
    damage.check(converter.convert(y, layout.width, rows, pixels.data()));
    for (std::size_t i = 0; i < std::size_t{rows} * layout.width; ++i) {
      *to++ = static_cast<std::uint8_t>(TIFFGetR(pixels[i]));
      *to++ = static_cast<std::uint8_t>(TIFFGetG(pixels[i]));
      *to++ = static_cast<std::uint8_t>(TIFFGetB(pixels[i]));
    }
  }
}

}  // namespace vaec::image
