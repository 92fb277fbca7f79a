#include "codec/filter_coder.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <string>

#include "base/clones.hpp"
#include "bitstream/bytes.hpp"
#include "codec/pixels.hpp"
#include "entropy/plane_coder.hpp"
#include "model/photo_config.hpp"
#include "vaec/error.hpp"

namespace vaec::codec {
namespace {

using infer::kFilterClasses, infer::kFilterMost, infer::kFilterReach, infer::kFilterSide, infer::kFilterTaps;

constexpr int kLookedAt[] = {1, 4, 6};  // rows of each block: three eighths say as much as all
constexpr double kUnit = 1 << infer::kFilterShift;

// Of one class and colour: products of the taps, each pair once, then those with what is missed.
constexpr std::size_t kSums = kFilterTaps * (kFilterTaps + 1) / 2 + kFilterTaps;

// Adds a block's line, the samples `at`, at + 3, ..., to kSums sums of kFilterSide parts each.
VAEC_CLONES void add_line(const std::int16_t* const* here, std::size_t at, const float* target, float* sums) {
  constexpr float kCodeValue = 1.0F / model::kPixelUnit;
  float x[kFilterTaps + 1][kFilterSide];
  for (int tap = 0; tap < kFilterTaps; ++tap) {
    const int row = infer::tap_row(tap), off = 3 * infer::tap_column(tap);
    const std::int16_t *a = here[row] + at + off, *b = here[-row] + at - off, *middle = *here + at;
    for (int i = 0; i < kFilterSide; ++i)
      x[tap][i] = kCodeValue * static_cast<float>(a[3 * i] + b[3 * i] - 2 * middle[3 * i]);
  }
  for (int i = 0; i < kFilterSide; ++i)
    x[kFilterTaps][i] =
        target[3 * i] - kCodeValue * static_cast<float>((*here)[at + 3 * static_cast<std::size_t>(i)]);
  for (int i = 0; i < kFilterTaps; ++i) {
    for (int j = 0; j <= i; ++j, sums += kFilterSide) {
      for (int k = 0; k < kFilterSide; ++k) sums[k] += x[i][k] * x[j][k];
    }
  }
  for (int i = 0; i < kFilterTaps; ++i, sums += kFilterSide) {
    for (int k = 0; k < kFilterSide; ++k) sums[k] += x[i][k] * x[kFilterTaps][k];
  }
}

entropy::SampleLayout filter_layout(std::size_t filters) {
  entropy::SampleLayout layout;
  layout.width = kFilterTaps;
  layout.rows = static_cast<int>(filters);
  layout.ranges[0] = {-kFilterMost, kFilterMost};
  return layout;
}

// x of a * x = b, symmetric and positive definite (Cholesky).
std::array<double, kFilterTaps> solved(double (&a)[kFilterTaps][kFilterTaps],
                                       const double (&b)[kFilterTaps]) {
  std::array<double, kFilterTaps> x{};
  for (int i = 0; i < kFilterTaps; ++i) {
    for (int j = 0; j <= i; ++j) {
      double sum = a[i][j];
      for (int k = 0; k < j; ++k) sum -= a[i][k] * a[j][k];
      a[i][j] = i == j ? std::sqrt(std::max(sum, 1e-9)) : sum / a[j][j];
    }
  }
  for (int i = 0; i < kFilterTaps; ++i) {
    double sum = b[i];
    for (int k = 0; k < i; ++k) sum -= a[i][k] * x[static_cast<std::size_t>(k)];
    x[static_cast<std::size_t>(i)] = sum / a[i][i];
  }
  for (int i = kFilterTaps; i-- > 0;) {
    double sum = x[static_cast<std::size_t>(i)];
    for (int k = i + 1; k < kFilterTaps; ++k) sum -= a[k][i] * x[static_cast<std::size_t>(k)];
    x[static_cast<std::size_t>(i)] = sum / a[i][i];
  }
  return x;
}

}  // namespace

std::vector<std::byte> write_filter(const infer::LastFilter& filter) {
  if (filter.classes == 0) return {};
  bitstream::ByteWriter writer;
  writer.u8(static_cast<std::uint8_t>(filter.classes));
  writer.bytes(entropy::encode_samples(
      filter_layout(filter.classes * filter.colours), [&](int row, std::int32_t* values) {
        std::copy_n(filter.weights.begin() + static_cast<std::ptrdiff_t>(row) * kFilterTaps, kFilterTaps,
                    values);
      }));
  return writer.take();
}

infer::LastFilter read_filter(std::span<const std::byte> content, std::size_t colours) {
  bitstream::ByteReader reader(content);
  infer::LastFilter filter;
  filter.colours = colours;
  filter.classes = reader.u8("classes of the last filter");
  if (filter.classes != 1 && filter.classes != kFilterClasses) {
    throw Error(ErrorCode::kCorrupt,
                "found " + std::to_string(filter.classes) + " classes of the last filter, expected 1 or 4");
  }
  entropy::decode_samples(reader.bytes(reader.remaining(), "last filter"),
                          filter_layout(filter.classes * colours), [&](int, const std::int32_t* values) {
                            for (int tap = 0; tap < kFilterTaps; ++tap)
                              filter.weights.push_back(static_cast<std::int8_t>(values[tap]));
                          });
  return filter;
}

FilterFit::FilterFit(const ImageView& image)
    : image_(image), colours_(image.channels), equations_(kFilterClasses * image.channels) {}

FilterFit::Run::Run(FilterFit& fit, int top, int rows, int width, int skipped)
    : fit_(fit),
      top_(top),
      rows_(rows),
      width_(width),
      skipped_(skipped),
      target_(static_cast<std::size_t>(width) * 3),
      classes_(static_cast<std::size_t>(width / kFilterSide)),
      windows_(rows, width,
               [this](int first, const infer::FilterWindows::Lines& lines) { look_at(first, lines); }) {}

void FilterFit::Run::look_at(int first, const infer::FilterWindows::Lines& lines) {
  const bool is_first = top_ == 0, is_last = top_ + rows_ >= static_cast<int>(fit_.image_.height);
  if ((!is_first && first < skipped_) || (!is_last && first + kFilterSide > rows_ - skipped_)) return;
  // The picture's outermost pixels are not filtered.
  if ((is_first && first == 0) || first + kFilterSide >= rows_) return;
  infer::classify(lines, kFilterClasses, classes_);
  std::vector<float> sums(fit_.equations_.size() * kSums * kFilterSide);
  for (const int row : kLookedAt) {
    const int y = top_ + first + row;
    if (y >= static_cast<int>(fit_.image_.height)) break;
    read_row(fit_.image_, y, width_, target_.data());
    const auto* const* here = &lines[static_cast<std::size_t>(row + kFilterReach)];
    for (std::size_t block = 1; block + 1 < classes_.size(); ++block) {
      for (std::size_t c = 0; c < 3; ++c) {
        const std::size_t at = 3 * kFilterSide * block + c,
                          equations = classes_[block] * fit_.colours_ + c % fit_.colours_;
        add_line(here, at, target_.data() + at, sums.data() + equations * kSums * kFilterSide);
      }
    }
    fit_.pixels_ += width_;
  }
  const float* sum = sums.data();
  const auto next = [&] {
    sum += kFilterSide;
    return std::accumulate(sum - kFilterSide, sum, 0.0);
  };
  for (Equations& e : fit_.equations_) {
    for (int i = 0; i < kFilterTaps; ++i) {
      for (int j = 0; j <= i; ++j) {
        e.products[i][j] += next();
        e.products[j][i] = e.products[i][j];
      }
    }
    for (double& wanted : e.wanted) wanted += next();
  }
}

void FilterFit::Equations::add(const Equations& other) {
  for (int i = 0; i < kFilterTaps; ++i) {
    for (int j = 0; j < kFilterTaps; ++j) products[i][j] += other.products[i][j];
    wanted[i] += other.wanted[i];
  }
}

FilterFit::Choice FilterFit::choose(const std::vector<Equations>& equations, double lambda) const {
  const double all = static_cast<double>(image_.width) * image_.height,
               bits_an_error = lambda * all / std::max(1.0, pixels_) / 3;  // all three channels are counted
  Choice choice;
  for (const Equations& e : equations) {
    double damped[kFilterTaps][kFilterTaps], trace = 0;
    for (int i = 0; i < kFilterTaps; ++i) trace += e.products[i][i];
    for (int i = 0; i < kFilterTaps; ++i) {
      for (int j = 0; j < kFilterTaps; ++j)
        damped[i][j] = e.products[i][j] + (i == j ? 1e-3 * trace / kFilterTaps + 1e-6 : 0);
    }
    const auto exact = solved(damped, e.wanted);
    std::array<double, kFilterTaps> weights{};
    double bits = 0, gain = 0;
    for (int i = 0; i < kFilterTaps; ++i) {
      const double w = std::clamp(std::nearbyint(exact[static_cast<std::size_t>(i)] * kUnit),
                                  -double{kFilterMost}, double{kFilterMost});
      weights[static_cast<std::size_t>(i)] = w / kUnit;
      bits += 1 + 2 * std::log2(1 + std::abs(w));
    }
    for (int i = 0; i < kFilterTaps; ++i) {
      const double w = weights[static_cast<std::size_t>(i)];
      gain += 2 * w * e.wanted[i];
      for (int j = 0; j < kFilterTaps; ++j)
        gain -= w * weights[static_cast<std::size_t>(j)] * e.products[i][j];
    }
    const double net = bits_an_error * gain - bits;
    for (const double w : weights)
      choice.weights.push_back(static_cast<std::int8_t>(net > 0 ? w * kUnit : 0));
    choice.gain += std::max(0.0, net);
  }
  return choice;
}

infer::LastFilter FilterFit::best(double lambda) const {
  std::vector<Equations> together(colours_);
  for (std::size_t i = 0; i < equations_.size(); ++i) together[i % colours_].add(equations_[i]);
  const Choice one = choose(together, lambda), many = choose(equations_, lambda);
  constexpr double kChunkBits = 24;
  if (std::max(one.gain, many.gain) <= kChunkBits) return {};
  return one.gain >= many.gain ? infer::LastFilter{1, colours_, one.weights}
                               : infer::LastFilter{kFilterClasses, colours_, many.weights};
}

}  // namespace vaec::codec
