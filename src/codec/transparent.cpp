#include "codec/transparent.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include "codec/pixels.hpp"

namespace vaec::codec {
namespace {

// The mean colour of each square of 2^k x 2^k pixels, over those that are seen.
struct Means {
  std::size_t width, height, channels;
  std::vector<float> colours;  // height * width * channels
  std::vector<bool> known;     // height * width

  Means(std::size_t w, std::size_t h, std::size_t c)
      : width(w), height(h), channels(c), colours(w * h * c), known(w * h) {}
};

// `is_known(x, y)` and `colour(x, y, c)` describe a picture of this size. Gives the means of its squares of
// 2x2.
template <typename IsKnown, typename Colour>
Means reduced(std::size_t width, std::size_t height, std::size_t channels, const IsKnown& is_known,
              const Colour& colour) {
  Means means((width + 1) / 2, (height + 1) / 2, channels);
  std::vector<float> sums(channels);
  for (std::size_t y = 0; y < means.height; ++y) {
    for (std::size_t x = 0; x < means.width; ++x) {
      int count = 0;
      std::fill(sums.begin(), sums.end(), 0.0F);
      for (std::size_t row = 2 * y; row < std::min(2 * y + 2, height); ++row) {
        for (std::size_t column = 2 * x; column < std::min(2 * x + 2, width); ++column) {
          if (!is_known(column, row)) continue;
          ++count;
          for (std::size_t c = 0; c < channels; ++c) sums[c] += colour(column, row, c);
        }
      }
      const auto to = y * means.width + x;
      means.known[to] = count > 0;
      for (std::size_t c = 0; c < channels && count > 0; ++c) {
        means.colours[to * channels + c] = sums[c] / static_cast<float>(count);
      }
    }
  }
  return means;
}

// The colour of the pixel (x, y) of a picture of twice the size of `means`, between the four nearest means.
void interpolate(const Means& means, std::size_t x, std::size_t y, float* colour) {
  const auto near = [](std::size_t at) { return at / 2; };
  const auto far = [](std::size_t at, std::size_t size) {
    const auto half = at / 2;
    return at % 2 == 0 ? (half > 0 ? half - 1 : 0) : std::min(half + 1, size - 1);
  };
  const std::size_t columns[2] = {near(x), far(x, means.width)}, rows[2] = {near(y), far(y, means.height)};
  constexpr float kShare[2] = {0.75F, 0.25F};
  for (std::size_t c = 0; c < means.channels; ++c) {
    colour[c] = 0;
    for (int i = 0; i < 2; ++i) {
      for (int j = 0; j < 2; ++j) {
        colour[c] +=
            kShare[i] * kShare[j] * means.colours[(rows[i] * means.width + columns[j]) * means.channels + c];
      }
    }
  }
}

template <typename Sample>
bool has_zero(const ImageView& image) {
  for (std::size_t y = 0; y < image.height; ++y) {
    const auto* alpha = row_of<Sample>(image.alpha, y);
    for (std::size_t x = 0; x < image.width; ++x) {
      if (alpha[x * image.alpha.step] == 0) return true;
    }
  }
  return false;
}

// `filled`: room for the colours.
template <typename Sample>
void fill(const ImageView& image, const BlockMask* exact, const ImageBuffer& filled) {
  const std::size_t width = image.width, height = image.height, channels = image.channels;
  for (std::size_t y = 0; y < height; ++y) {
    const auto* from = row_of<Sample>(image.colour, y);
    auto* to = row_of<Sample>(filled.colour, y);
    for (std::size_t x = 0; x < width; ++x)
      std::copy_n(from + x * image.colour.step, channels, to + x * channels);
  }
  const auto is_seen = [&](std::size_t x, std::size_t y) {
    return !(exact != nullptr && exact->has_pixel(x, y)) &&
           (!image.has_alpha() || row_of<Sample>(image.alpha, y)[x * image.alpha.step] > 0);
  };
  std::vector<Means> pyramid;
  pyramid.push_back(
      reduced(width, height, channels, is_seen, [&](std::size_t x, std::size_t y, std::size_t c) {
        return static_cast<float>(row_of<Sample>(filled.colour, y)[x * channels + c]);
      }));
  while (pyramid.back().width > 1 || pyramid.back().height > 1) {
    const Means& last = pyramid.back();
    pyramid.push_back(reduced(
        last.width, last.height, channels,
        [&](std::size_t x, std::size_t y) { return last.known[y * last.width + x]; },
        [&](std::size_t x, std::size_t y, std::size_t c) {
          return last.colours[(y * last.width + x) * channels + c];
        }));
  }
  for (std::size_t k = pyramid.size() - 1; k > 0; --k) {
    Means& means = pyramid[k - 1];
    for (std::size_t i = 0; i < means.known.size(); ++i) {
      if (means.known[i]) continue;
      interpolate(pyramid[k], i % means.width, i / means.width, &means.colours[i * channels]);
    }
  }
  std::vector<float> colour(channels);
  for (std::size_t y = 0; y < height; ++y) {
    auto* to = row_of<Sample>(filled.colour, y);
    for (std::size_t x = 0; x < width; ++x) {
      if (is_seen(x, y)) continue;
      interpolate(pyramid.front(), x, y, colour.data());
      for (std::size_t c = 0; c < channels; ++c) {
        to[x * channels + c] = static_cast<Sample>(std::lround(colour[c]));
      }
    }
  }
}

}  // namespace

bool has_transparent(const ImageView& image) {
  if (!image.has_alpha()) return false;
  return image.bit_depth == 16 ? has_zero<std::uint16_t>(image) : has_zero<std::uint8_t>(image);
}

Image with_smooth_hidden(const ImageView& image, const BlockMask* exact) {
  Image filled = make_image({image.width, image.height}, image.channels, image.bit_depth, false);
  if (image.bit_depth == 16) {
    fill<std::uint16_t>(image, exact, buffer_of(filled));
  } else {
    fill<std::uint8_t>(image, exact, buffer_of(filled));
  }
  return filled;
}

}  // namespace vaec::codec
