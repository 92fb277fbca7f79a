#include "codec/lossless_choice.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <utility>

#include "codec/colour_transform.hpp"
#include "codec/lossless_bands.hpp"
#include "codec/pixel_rows.hpp"

namespace vaec::codec {
namespace {

constexpr std::size_t kMostColours = entropy::kMaxIndices, kMostLevels = 4096;
constexpr std::uint32_t kSampledRows = 24, kSmallPixels = 1 << 16;

// What a whole picture has.
struct Census {
  std::vector<std::int32_t> palette;                                    // empty: too many colours
  std::array<std::vector<std::int32_t>, entropy::kMaxChannels> levels;  // empty: nearly all there are
};

// Colours met, until there are too many.
class ColourSet {
 public:
  explicit ColourSet(std::size_t channels) : channels_(channels), slots_(std::size_t{1} << kBits) {}

  void add(const std::int32_t* pixel) {
    if (count_ > kMostColours) return;
    std::uint64_t key = 0;
    for (std::size_t c = 0; c < channels_; ++c) key = key << 16 | static_cast<std::uint32_t>(pixel[c]);
    if (count_ > 0 && key == last_) return;
    last_ = key;
    auto slot = static_cast<std::size_t>(key * 0x9E3779B97F4A7C15U >> (64 - kBits));
    for (; slots_[slot].is_used; slot = (slot + 1) % slots_.size()) {
      if (slots_[slot].key == key) return;
    }
    slots_[slot] = {key, true};
    ++count_;
  }
  // Ascending, channel by channel; empty: too many.
  [[nodiscard]] std::vector<std::int32_t> colours() const {
    if (count_ > kMostColours) return {};
    std::vector<std::uint64_t> keys;
    for (const Slot& slot : slots_) {
      if (slot.is_used) keys.push_back(slot.key);
    }
    std::sort(keys.begin(), keys.end());
    std::vector<std::int32_t> colours;
    for (const std::uint64_t key : keys) {
      for (std::size_t c = channels_; c-- > 0;)
        colours.push_back(static_cast<std::int32_t>(key >> (16 * c) & 0xFFFF));
    }
    return colours;
  }

 private:
  static constexpr int kBits = 10;
  struct Slot {
    std::uint64_t key = 0;
    bool is_used = false;
  };
  std::size_t channels_, count_ = 0;
  std::uint64_t last_ = 0;
  std::vector<Slot> slots_;
};

Census count_values(const ImageView& image, const PixelLayout& pixel) {
  const auto channels = static_cast<std::size_t>(pixel.channels),
             values = std::size_t{image.width} * channels;
  std::vector<std::int32_t> row(values);
  std::array<std::vector<std::uint8_t>, entropy::kMaxChannels> met;
  for (std::size_t c = 0; c < channels; ++c) met[c].resize(static_cast<std::size_t>(pixel.largest()) + 1);
  ColourSet colours(channels);
  for (std::uint32_t y = 0; y < image.height; ++y) {
    get_pixels(image, y, row.data());
    for (std::size_t i = 0; i < values; i += channels) {
      for (std::size_t c = 0; c < channels; ++c) met[c][static_cast<std::size_t>(row[i + c])] = 1;
      colours.add(&row[i]);
    }
  }
  Census census;
  census.palette = colours.colours();
  for (std::size_t c = 0; c < channels; ++c) {
    const auto count = static_cast<std::size_t>(std::count(met[c].begin(), met[c].end(), 1));
    if (count > kMostLevels || 2 * count > met[c].size()) continue;
    for (std::size_t value = 0; value < met[c].size(); ++value) {
      if (met[c][value] != 0) census.levels[c].push_back(static_cast<std::int32_t>(value));
    }
  }
  return census;
}

// Pairs of rows from all over the picture, as the plan without a transform makes them.
std::vector<std::vector<std::int32_t>> sample_rows(const ImageView& image, const PixelLayout& pixel,
                                                   const LosslessPlan& plan) {
  const PlanEncoder encoder(plan, pixel);
  const std::uint32_t step = std::max(2U, image.height / kSampledRows);
  std::vector<std::vector<std::int32_t>> rows;
  for (std::uint32_t y = 0; y + 1 < image.height; y += step) {
    for (std::uint32_t k = 0; k < 2; ++k) {
      auto& row = rows.emplace_back(std::size_t{image.width} * static_cast<std::size_t>(pixel.channels));
      get_pixels(image, y + k, row.data());
      encoder.apply(row.data(), static_cast<int>(image.width));
    }
  }
  return rows;
}

// Of the distances from a simple prediction: the less the better.
double cost_of(const std::vector<std::vector<std::int32_t>>& rows, int transform, std::size_t channels) {
  static const auto kCosts = [] {
    std::array<float, 512> costs{};
    for (std::size_t i = 0; i < costs.size(); ++i) costs[i] = std::log2(1.0F + 2.0F * static_cast<float>(i));
    return costs;
  }();
  const auto cost = [](std::int32_t distance) {
    const auto size = static_cast<std::size_t>(std::abs(distance));
    return size < kCosts.size() ? kCosts[size] : std::log2(1.0F + 2.0F * static_cast<float>(size));
  };
  double sum = 0;
  for (std::size_t i = 0; i + 1 < rows.size(); i += 2) {
    std::array<std::int32_t, 3> w{}, nw{}, n{}, here{};
    for (std::size_t at = 0; at < rows[i].size(); at += channels) {
      std::copy_n(&rows[i][at], 3, n.begin());
      std::copy_n(&rows[i + 1][at], 3, here.begin());
      transform_colour(transform, n.data());
      transform_colour(transform, here.data());
      if (at > 0) {
        for (std::size_t c = 0; c < 3; ++c) {
          const auto [low, high] = std::minmax(w[c], n[c]);
          sum += cost(here[c] - std::clamp(w[c] + n[c] - nw[c], low, high));
        }
      }
      w = here;
      nw = n;
    }
  }
  return sum;
}

int best_transform(const std::vector<std::vector<std::int32_t>>& rows, std::size_t channels) {
  // Those that won on photographs, and none at all.
  constexpr std::array kTried{0, 10, 6, 8, 9, 11, 12, 13, 20, 5, 17, 31};
  int best = 0;
  double least = HUGE_VAL;
  for (const int transform : kTried) {
    const double cost = cost_of(rows, transform, channels);
    if (cost >= least) continue;
    least = cost;
    best = transform;
  }
  return best;
}

// Bytes of the picture's middle rows, about so many pixels.
std::size_t trial(const ImageView& image, const LosslessPlan& plan, std::uint32_t pixels) {
  const std::uint32_t rows = std::clamp(pixels / image.width, std::uint32_t{1}, image.height);
  return encode_lossless_band(image, plan, (image.height - rows) / 2, rows).size() +
         write_plan(plan, layout_of(image)).size();
}

// Whether many pixels are equal to the one to the left or above, but for flat places.
double repeated_part(const std::vector<std::vector<std::int32_t>>& rows, std::size_t channels) {
  std::size_t asked = 0, equal = 0;
  const auto same = [&](const std::int32_t* one, const std::int32_t* other) {
    return std::equal(one, one + channels, other);
  };
  for (std::size_t i = 0; i + 1 < rows.size(); i += 2) {
    for (std::size_t at = channels; at + channels < rows[i].size(); at += channels) {
      const auto *here = &rows[i + 1][at], *w = here - channels, *n = &rows[i][at];
      if (same(w, n) && same(n, n - channels) && same(n, n + channels)) continue;
      ++asked;
      if (same(here, w) || same(here, n)) ++equal;
    }
  }
  return asked == 0 ? 1 : static_cast<double>(equal) / static_cast<double>(asked);
}

}  // namespace

LosslessPlan choose_plan(const ImageView& image) {
  const PixelLayout pixel = layout_of(image);
  Census census = count_values(image, pixel);
  LosslessPlan by_palette;
  by_palette.palette = std::move(census.palette);
  if (static_cast<int>(by_palette.palette.size()) == pixel.channels) return by_palette;
  LosslessPlan plan;
  plan.levels = std::move(census.levels);
  const auto rows = sample_rows(image, pixel, plan);
  const auto channels = static_cast<std::size_t>(pixel.channels);
  if (pixel.colours() == 3) plan.transform = best_transform(rows, channels);
  // Of 81 photographs for training none with fewer repeated pixels than kFew gained a hundredth by being asked for near ones;
  // what is remembered cost bytes in nearly all. Drawings have more than kMany: a trial's few rows may be blank there.
  using entropy::Repeats;
  constexpr double kFew = 0.15, kSome = 0.4, kMany = 0.6;
  const double repeated = repeated_part(rows, channels);
  if (repeated > kMany) plan.repeats = Repeats::kRemembered;
  const bool is_small = std::uint64_t{image.width} * image.height <= kSmallPixels;
  // A trial takes as long as coding those pixels does: of a photograph fewer must do.
  const std::uint32_t trial_pixels = is_small || repeated > kSome ? kSmallPixels : kSmallPixels / 4;
  std::size_t least = 0;
  const auto consider = [&](LosslessPlan other) {
    if (least == 0) least = trial(image, plan, trial_pixels);
    const std::size_t size = trial(image, other, trial_pixels);
    // To ask for repeats takes time: of a large picture it must be worth it.
    constexpr std::size_t kWorth = 48;  // a part in so many
    if (size + (other.repeats > plan.repeats && !is_small ? least / kWorth : 0) >= least) return;
    least = size;
    plan = std::move(other);
  };
  const auto consider_repeats = [&](Repeats repeats) {
    if (plan.repeats == repeats) return;
    LosslessPlan other = plan;
    other.repeats = repeats;
    consider(std::move(other));
  };
  if (is_small) consider_repeats(Repeats::kNone);
  if (is_small || (repeated > kFew && repeated <= kMany)) consider_repeats(Repeats::kNear);
  if (is_small || (repeated > kSome && repeated <= kMany) || plan.repeats == Repeats::kNear)
    consider_repeats(Repeats::kRemembered);
  if (is_small && plan.has_levels()) {
    LosslessPlan other = plan;
    other.levels = {};
    consider(std::move(other));
  }
  if (is_small && plan.transform != 0) {
    LosslessPlan other = plan;
    other.transform = 0;
    consider(std::move(other));
  }
  if (!by_palette.palette.empty()) consider(std::move(by_palette));
  return plan;
}

}  // namespace vaec::codec
