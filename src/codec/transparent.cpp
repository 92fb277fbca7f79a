#include "codec/transparent.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

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

// `is_known(i)` and `colour(i, c)` describe the pixel i of a picture of this size. Gives the means of its
// squares of 2x2.
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
          const auto i = row * width + column;
          if (!is_known(i)) continue;
          ++count;
          for (std::size_t c = 0; c < channels; ++c) sums[c] += colour(i, c);
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
void fill(std::size_t width, std::size_t height, std::size_t channels, const std::vector<Sample>& alpha,
          std::vector<Sample>& samples) {
  std::vector<Means> pyramid;
  pyramid.push_back(reduced(
      width, height, channels, [&](std::size_t i) { return alpha[i] > 0; },
      [&](std::size_t i, std::size_t c) { return static_cast<float>(samples[i * channels + c]); }));
  while (pyramid.back().width > 1 || pyramid.back().height > 1) {
    const Means& last = pyramid.back();
    pyramid.push_back(reduced(
        last.width, last.height, channels, [&](std::size_t i) { return last.known[i]; },
        [&](std::size_t i, std::size_t c) { return last.colours[i * channels + c]; }));
  }
  for (std::size_t k = pyramid.size() - 1; k > 0; --k) {
    Means& means = pyramid[k - 1];
    for (std::size_t i = 0; i < means.known.size(); ++i) {
      if (means.known[i]) continue;
      interpolate(pyramid[k], i % means.width, i / means.width, &means.colours[i * channels]);
    }
  }
  std::vector<float> colour(channels);
  for (std::size_t i = 0; i < alpha.size(); ++i) {
    if (alpha[i] > 0) continue;
    interpolate(pyramid.front(), i % width, i / width, colour.data());
    for (std::size_t c = 0; c < channels; ++c) {
      samples[i * channels + c] = static_cast<Sample>(std::lround(colour[c]));
    }
  }
}

}  // namespace

bool has_transparent(const Image& image) {
  return std::find(image.alpha.begin(), image.alpha.end(), 0) != image.alpha.end() ||
         std::find(image.alpha16.begin(), image.alpha16.end(), 0) != image.alpha16.end();
}

Image with_smooth_transparency(const Image& image) {
  Image filled = image;
  if (image.bit_depth == 16) {
    fill(image.width, image.height, image.channels, image.alpha16, filled.samples16);
  } else {
    fill(image.width, image.height, image.channels, image.alpha, filled.samples);
  }
  return filled;
}

}  // namespace vaec::codec
