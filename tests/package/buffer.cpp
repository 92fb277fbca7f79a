// A viewer's frame buffer, RGBA with gaps between its rows: compressed where it stands, and a region of the
// picture decompressed into another one.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <vaec/vaec.hpp>
#include <vector>

int main() {
  constexpr std::uint32_t kWidth = 300, kHeight = 200, kRgba = 4;
  constexpr std::ptrdiff_t kStride = 1280;  // bytes from row to row, as the windowing system wants it
  std::vector<std::uint8_t> frame(kStride * kHeight);
  for (std::uint32_t y = 0; y < kHeight; ++y) {
    for (std::uint32_t x = 0; x < kWidth; ++x) {
      auto* pixel = &frame[y * kStride + x * kRgba];
      pixel[0] = static_cast<std::uint8_t>(x / 2 + 20);
      pixel[1] = static_cast<std::uint8_t>(y);
      pixel[2] = 90;
      pixel[3] = static_cast<std::uint8_t>(255 - x / 4);
    }
  }
  try {
    const auto codec = vaec::Codec::load(vaec::find_model("photo"));
    const vaec::ImageView picture(frame.data(), kWidth, kHeight, kRgba, kStride);
    const auto file = codec->compress(picture, {.quality = 80, .threads = 2});

    const vaec::View region{100, 50, 120, 80};
    const auto size = vaec::size_of(region, kWidth, kHeight);
    std::vector<std::uint8_t> window(kStride * size.height, 7);
    codec->decompress_into(file, vaec::ImageBuffer(window.data(), size.width, size.height, kRgba, kStride),
                           {.view = region});
    int worst = 0;
    bool same_alpha = true;
    for (std::uint32_t y = 0; y < size.height; ++y) {
      const auto* shown = &window[y * kStride];
      const auto* was = &frame[(y + region.y) * kStride + region.x * kRgba];
      for (std::uint32_t i = 0; i < size.width * kRgba; ++i) {
        if (i % kRgba == 3) {
          same_alpha = same_alpha && shown[i] == was[i];
        } else {
          worst = std::max(worst, std::abs(shown[i] - was[i]));
        }
      }
    }
    std::printf("%zu bytes, region %ux%u: colours off by at most %d, alpha %s\n", file.size(), size.width,
                size.height, worst, same_alpha ? "the same" : "other");
    return same_alpha && worst < 20 && window[size.width * kRgba] == 7 ? EXIT_SUCCESS : EXIT_FAILURE;
  } catch (const vaec::Error& failure) {
    std::fprintf(stderr, "%s\n", failure.what());
    return vaec::exit_status(failure.code());
  }
}
