#include "codec/lossless_plan.hpp"

#include <algorithm>
#include <string>

#include "bitstream/bytes.hpp"
#include "codec/colour_transform.hpp"
#include "vaec/error.hpp"

namespace vaec::codec {
namespace {

// The plan's first byte.
constexpr int kRepeatKinds = 3, kPalette = 0x7F, kLevels = 0x80;

constexpr std::size_t kSlotBits = 10;

std::uint64_t key_of(const std::int32_t* pixel, int channels) {
  std::uint64_t key = 0;
  for (int c = 0; c < channels; ++c) key = key << 16 | static_cast<std::uint32_t>(pixel[c]);
  return key;
}

std::size_t slot_of(std::uint64_t key) {
  return static_cast<std::size_t>(key * 0x9E3779B97F4A7C15U >> (64 - kSlotBits));
}

entropy::SampleLayout one_row(int width, int channels, std::int32_t high) {
  entropy::SampleLayout layout;
  layout.width = width;
  layout.rows = 1;
  layout.channels = channels;
  layout.ranges.fill({0, high});
  return layout;
}

std::vector<std::byte> encode_row(const entropy::SampleLayout& layout,
                                  const std::vector<std::int32_t>& values) {
  return entropy::encode_samples(layout,
                                 [&](int, std::int32_t* to) { std::copy(values.begin(), values.end(), to); });
}

std::vector<std::int32_t> decode_row(std::span<const std::byte> stream, const entropy::SampleLayout& layout) {
  std::vector<std::int32_t> values;
  entropy::decode_samples(stream, layout, [&](int, const std::int32_t* row) {
    values.assign(row, row + static_cast<std::ptrdiff_t>(layout.width) * layout.channels);
  });
  return values;
}

}  // namespace

bool LosslessPlan::has_levels() const {
  return std::any_of(levels.begin(), levels.end(), [](const auto& values) { return !values.empty(); });
}

std::int32_t LosslessPlan::high(int channel, const PixelLayout& pixel) const {
  const auto& values = levels[static_cast<std::size_t>(channel)];
  return values.empty() ? pixel.largest() : static_cast<std::int32_t>(values.size()) - 1;
}

entropy::SampleLayout LosslessPlan::samples(const PixelLayout& pixel, int width, int rows) const {
  entropy::SampleLayout layout;
  layout.width = width;
  layout.rows = rows;
  layout.channels = pixel.channels;
  layout.repeats = repeats;
  layout.last_apart = pixel.has_alpha();
  for (int c = 0; c < pixel.channels; ++c) layout.ranges[static_cast<std::size_t>(c)] = {0, high(c, pixel)};
  if (pixel.colours() == 3) {
    const auto ranges = transformed_ranges(transform, {high(0, pixel), high(1, pixel), high(2, pixel)});
    std::copy(ranges.begin(), ranges.end(), layout.ranges.begin());
  }
  return layout;
}

std::vector<std::byte> write_plan(const LosslessPlan& plan, const PixelLayout& pixel) {
  bitstream::ByteWriter writer;
  if (!plan.palette.empty()) {
    const int count = static_cast<int>(plan.palette.size()) / pixel.channels;
    writer.u8(kPalette);
    writer.u8(static_cast<std::uint8_t>(count - 1));
    writer.bytes(encode_row(one_row(count, pixel.channels, pixel.largest()), plan.palette));
    return writer.take();
  }
  writer.u8(static_cast<std::uint8_t>(plan.transform * kRepeatKinds + static_cast<int>(plan.repeats) +
                                      (plan.has_levels() ? kLevels : 0)));
  if (!plan.has_levels()) return writer.take();
  std::vector<std::int32_t> steps;
  for (int c = 0; c < pixel.channels; ++c) {
    const auto& values = plan.levels[static_cast<std::size_t>(c)];
    writer.varint(values.size());
    std::int32_t before = -1;
    for (const std::int32_t value : values) {
      steps.push_back(value - before - 1);
      before = value;
    }
  }
  writer.bytes(encode_row(one_row(static_cast<int>(steps.size()), 1, pixel.largest()), steps));
  return writer.take();
}

LosslessPlan read_plan(std::span<const std::byte> content, const PixelLayout& pixel) {
  bitstream::ByteReader reader(content);
  const auto fail = [](const std::string& what) { throw Error(ErrorCode::kCorrupt, "plan: " + what); };
  LosslessPlan plan;
  const int method = reader.u8("method of the plan");
  if (method == kPalette) {
    const int count = reader.u8("number of colours") + 1;
    plan.palette = decode_row(reader.bytes(reader.remaining(), "palette"),
                              one_row(count, pixel.channels, pixel.largest()));
    return plan;
  }
  plan.transform = (method & ~kLevels) / kRepeatKinds;
  plan.repeats = static_cast<entropy::Repeats>((method & ~kLevels) % kRepeatKinds);
  if (plan.transform >= (pixel.colours() == 3 ? kColourTransforms : 1))
    fail("an unknown transform of colours");
  if ((method & kLevels) != 0) {
    std::array<std::size_t, entropy::kMaxChannels> counts{};
    std::size_t all = 0;
    for (int c = 0; c < pixel.channels; ++c) {
      counts[static_cast<std::size_t>(c)] =
          reader.varint("number of levels", 0, static_cast<std::uint64_t>(pixel.largest()));
      all += counts[static_cast<std::size_t>(c)];
    }
    if (all == 0) fail("levels of no channel");
    const auto steps = decode_row(reader.bytes(reader.remaining(), "levels"),
                                  one_row(static_cast<int>(all), 1, pixel.largest()));
    auto step = steps.begin();
    for (std::size_t c = 0; c < counts.size(); ++c) {
      std::int32_t value = -1;
      for (std::size_t i = 0; i < counts[c]; ++i) {
        value += *step++ + 1;
        if (value > pixel.largest()) fail("a level beyond the largest sample");
        plan.levels[c].push_back(value);
      }
    }
  }
  if (reader.remaining() > 0) fail("unread bytes behind it");
  return plan;
}

PlanEncoder::PlanEncoder(const LosslessPlan& plan, const PixelLayout& pixel) : plan_(plan), pixel_(pixel) {
  if (!plan.palette.empty()) {
    slots_.resize(std::size_t{1} << kSlotBits);
    for (std::size_t at = 0; at < plan.palette.size(); at += static_cast<std::size_t>(pixel.channels)) {
      const std::uint64_t key = key_of(&plan.palette[at], pixel.channels);
      std::size_t slot = slot_of(key);
      while (slots_[slot].index >= 0) slot = (slot + 1) % slots_.size();
      slots_[slot] = {key, static_cast<std::int32_t>(at) / pixel.channels};
    }
    return;
  }
  for (std::size_t c = 0; c < ranks_.size(); ++c) {
    if (plan.levels[c].empty()) continue;
    ranks_[c].resize(static_cast<std::size_t>(pixel.largest()) + 1);
    for (std::size_t i = 0; i < plan.levels[c].size(); ++i)
      ranks_[c][static_cast<std::size_t>(plan.levels[c][i])] = static_cast<std::int32_t>(i);
  }
}

std::int32_t PlanEncoder::index_of(const std::int32_t* pixel) const {
  const std::uint64_t key = key_of(pixel, pixel_.channels);
  std::size_t slot = slot_of(key);
  while (slots_[slot].index >= 0 && slots_[slot].key != key) slot = (slot + 1) % slots_.size();
  return std::max(0, slots_[slot].index);
}

void PlanEncoder::apply(std::int32_t* pixels, int width) const {
  const int channels = pixel_.channels;
  if (!plan_.palette.empty()) {
    for (int x = 0; x < width; ++x) pixels[x] = index_of(pixels + static_cast<std::ptrdiff_t>(x) * channels);
    return;
  }
  for (int c = 0; c < channels; ++c) {
    const auto& ranks = ranks_[static_cast<std::size_t>(c)];
    if (ranks.empty()) continue;
    for (std::ptrdiff_t i = c; i < static_cast<std::ptrdiff_t>(width) * channels; i += channels)
      pixels[i] = ranks[static_cast<std::size_t>(pixels[i])];
  }
  if (pixel_.colours() < 3 || plan_.transform == 0) return;
  for (std::ptrdiff_t i = 0; i < static_cast<std::ptrdiff_t>(width) * channels; i += channels)
    transform_colour(plan_.transform, pixels + i);
}

void undo_plan(const LosslessPlan& plan, const PixelLayout& pixel, const std::int32_t* coded, int width,
               std::int32_t* pixels) {
  const int channels = pixel.channels;
  const auto values = static_cast<std::ptrdiff_t>(width) * channels;
  if (!plan.palette.empty()) {
    for (int x = 0; x < width; ++x)
      std::copy_n(plan.palette.data() + static_cast<std::ptrdiff_t>(coded[x]) * channels, channels,
                  pixels + static_cast<std::ptrdiff_t>(x) * channels);
    return;
  }
  std::copy_n(coded, values, pixels);
  if (pixel.colours() == 3 && plan.transform != 0) {
    for (std::ptrdiff_t i = 0; i < values; i += channels) restore_colour(plan.transform, pixels + i);
  }
  for (int c = 0; c < channels; ++c) {
    const auto& levels = plan.levels[static_cast<std::size_t>(c)];
    const std::int32_t high = plan.high(c, pixel);
    // What a damaged stream makes of it may lie anywhere.
    for (std::ptrdiff_t i = c; i < values; i += channels) {
      const std::int32_t value = std::clamp(pixels[i], 0, high);
      pixels[i] = levels.empty() ? value : levels[static_cast<std::size_t>(value)];
    }
  }
}

}  // namespace vaec::codec
