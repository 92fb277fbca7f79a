#include "eval/ms_ssim.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <vector>

#include "vaec/error.hpp"

namespace vaec::eval {
namespace {

constexpr std::size_t kWindow = 11;
constexpr double kSigma = 1.5;
constexpr float kC1 = 0.01F * 255 * 0.01F * 255;
constexpr float kC2 = 0.03F * 255 * 0.03F * 255;
constexpr std::array<double, 5> kWeights = {0.0448, 0.2856, 0.3001, 0.2363, 0.1333};

// One channel at one scale.
struct Plane {
  std::size_t width = 0, height = 0;
  std::vector<float> samples;

  [[nodiscard]] const float* row(std::size_t y) const { return samples.data() + y * width; }
};

Plane plane_of(const Image& image, std::size_t channel) {
  Plane plane{image.width, image.height, std::vector<float>(std::size_t{image.width} * image.height)};
  for (std::size_t i = 0; i < plane.samples.size(); ++i) {
    plane.samples[i] = static_cast<float>(image.samples[i * image.channels + channel]);
  }
  return plane;
}

// Means of 2x2 samples. An odd side gets a row or column of zeros at its beginning *and* its end of which the
// second falls away: what avg_pool2d(2, padding=side % 2) does, odd as it is.
Plane halved(const Plane& from) {
  const std::size_t pad_x = from.width % 2, pad_y = from.height % 2;
  Plane to{(from.width + pad_x) / 2, (from.height + pad_y) / 2, {}};
  to.samples.resize(to.width * to.height);
  for (std::size_t y = 0; y < from.height; ++y) {
    float* target = to.samples.data() + (y + pad_y) / 2 * to.width;
    for (std::size_t x = 0; x < from.width; ++x) target[(x + pad_x) / 2] += from.row(y)[x] / 4;
  }
  return to;
}

std::array<float, kWindow> gaussian_window() {
  std::array<double, kWindow> weights{};
  double sum = 0;
  for (std::size_t i = 0; i < kWindow; ++i) {
    const double distance = static_cast<double>(i) - (kWindow - 1) / 2.0;
    sum += weights[i] = std::exp(-distance * distance / (2 * kSigma * kSigma));
  }
  std::array<float, kWindow> window{};
  for (std::size_t i = 0; i < kWindow; ++i) window[i] = static_cast<float>(weights[i] / sum);
  return window;
}

// What SSIM is made of, each a row: a, b, a^2, b^2 and a * b, of samples less kMiddle: the squares stay
// small, and float loses less where a variance is the difference of two of them.
constexpr std::size_t kMoments = 5;
constexpr float kMiddle = 128;
using Rows = std::array<std::vector<float>, kMoments>;

Rows make_rows(std::size_t width) {
  Rows rows;
  rows.fill(std::vector<float>(width));
  return rows;
}

void multiply(const float* first, const float* second, std::size_t width, Rows& products) {
  for (std::size_t x = 0; x < width; ++x) {
    const float a = first[x] - kMiddle, b = second[x] - kMiddle;
    products[0][x] = a;
    products[1][x] = b;
    products[2][x] = a * a;
    products[3][x] = b * b;
    products[4][x] = a * b;
  }
}

struct Similarity {
  double ssim = 0;                // luminance, contrast and structure
  double contrast_structure = 0;  // without the luminance
};

// The sums over one row of the map.
void add_row(const Rows& mean, std::size_t width, Similarity& sum) {
  float ssim_sum = 0, cs_sum = 0;
  for (std::size_t x = 0; x < width; ++x) {
    const float a = mean[0][x], b = mean[1][x];
    const float variances = mean[2][x] - a * a + (mean[3][x] - b * b), covariance = mean[4][x] - a * b;
    const float cs = (2 * covariance + kC2) / (variances + kC2);
    const float mean_a = a + kMiddle, mean_b = b + kMiddle;
    cs_sum += cs;
    ssim_sum += cs * (2 * mean_a * mean_b + kC1) / (mean_a * mean_a + mean_b * mean_b + kC1);
  }
  sum.ssim += static_cast<double>(ssim_sum);
  sum.contrast_structure += static_cast<double>(cs_sum);
}

// The means over all positions of the window. Rows are filtered as they come: the last 11, already filtered
// along the row, wait in a ring.
Similarity similarity(const Plane& a, const Plane& b) {
  static const std::array<float, kWindow> kGaussian = gaussian_window();
  const std::size_t width = a.width - kWindow + 1, height = a.height - kWindow + 1;
  Rows products = make_rows(a.width), means = make_rows(width);
  std::array<Rows, kWindow> ring;
  ring.fill(make_rows(width));
  Similarity sum;
  for (std::size_t y = 0; y < a.height; ++y) {
    multiply(a.row(y), b.row(y), a.width, products);
    for (std::size_t m = 0; m < kMoments; ++m) {
      float* target = ring[y % kWindow][m].data();
      std::fill_n(target, width, 0.0F);
      for (std::size_t i = 0; i < kWindow; ++i) {
        const float* source = products[m].data() + i;
        for (std::size_t x = 0; x < width; ++x) target[x] += kGaussian[i] * source[x];
      }
    }
    if (y + 1 < kWindow) continue;
    for (std::size_t m = 0; m < kMoments; ++m) {
      float* target = means[m].data();
      std::fill_n(target, width, 0.0F);
      for (std::size_t i = 0; i < kWindow; ++i) {
        const float* source = ring[(y + 1 + i) % kWindow][m].data();
        for (std::size_t x = 0; x < width; ++x) target[x] += kGaussian[i] * source[x];
      }
    }
    add_row(means, width, sum);
  }
  const double positions = static_cast<double>(width) * static_cast<double>(height);
  return {sum.ssim / positions, sum.contrast_structure / positions};
}

double channel_ms_ssim(Plane a, Plane b) {
  double product = 1;
  for (std::size_t scale = 0; scale < kWeights.size(); ++scale) {
    const bool last = scale + 1 == kWeights.size();
    const Similarity found = similarity(a, b);
    product *= std::pow(std::max(last ? found.ssim : found.contrast_structure, 0.0), kWeights[scale]);
    if (last) break;
    a = halved(a);
    b = halved(b);
  }
  return product;
}

}  // namespace

std::optional<double> ms_ssim(const Image& a, const Image& b) {
  if (a.width != b.width || a.height != b.height || a.channels != b.channels) {
    throw Error(ErrorCode::kInternal, "ms_ssim: the pictures differ in size or channels");
  }
  if (std::min(a.width, a.height) < kSmallestMsSsimSide) return std::nullopt;
  if (a == b) return 1;
  double sum = 0;
  for (std::size_t c = 0; c < a.channels; ++c) sum += channel_ms_ssim(plane_of(a, c), plane_of(b, c));
  return sum / a.channels;
}

double ms_ssim_decibels(double value) { return -10 * std::log10(1 - value); }

}  // namespace vaec::eval
