// Rows of samples: docs/format.md, section 8.7.2. Encoder and decoder are the same code (entropy/bit_coder.hpp).
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <vector>

#include "entropy/plane_coder.hpp"
#include "entropy/repeats.hpp"
#include "entropy/sample_coder.hpp"

namespace vaec::entropy {

// kChannels: how many there are, or 0 where that is known only when it runs.
template <typename Coder, int kChannels>
class SampleRows {
 public:
  SampleRows(Coder& coder, const SampleLayout& layout)
      : coder_(coder), samples_(coder, layout.channels), layout_(layout) {
    const auto cells =
        static_cast<std::size_t>(layout.width + 2 * kMargin) * static_cast<std::size_t>(layout.channels);
    for (auto& row : cells_) row.resize(cells);
    if (layout.repeats != Repeats::kRemembered) return;
    memory_bits_ = std::clamp(static_cast<int>(std::bit_width(static_cast<std::uint64_t>(layout.width) *
                                                              static_cast<std::uint64_t>(layout.rows))),
                              kLeastMemoryBits, kMostMemoryBits);
    wide_.resize(std::size_t{1} << memory_bits_);
    narrow_.resize(std::size_t{1} << memory_bits_);
  }

  // kRepeats: layout.repeats.
  template <Repeats kRepeats>
  [[gnu::always_inline]] void code(int row, std::int32_t* values) {
    const int channels = this->channels();
    begin_row();
    Cell* cell = cells_[0].data() + kMargin * channels;
    Cell* above = cells_[1].data() + kMargin * channels;
    Cell* higher = cells_[2].data() + kMargin * channels;
    if (row > 0 && repeat_row(values, cell, above)) {
      rotate();
      return;
    }
    for (int x = 0; x < layout_.width;
         ++x, cell += channels, above += channels, higher += channels, values += channels) {
      if (row == 0) {
        // What is above the first row is as what is to the left.
        for (int c = 0; c < channels; ++c)
          above[c - channels] = above[c] = above[c + channels] = higher[c] = cell[c - channels];
      }
      if (!same_pixel<kRepeats>(values, cell, above, higher)) code_pixel(values, cell, above, higher);
      if (kRepeats == Repeats::kRemembered) hash(cell);
    }
    for (int i = 0; i < kMargin * channels; ++i) cell[i] = cell[i - channels];
    if (row == 0) cells_[1] = cells_[0];
    rotate();
  }

 private:
  [[nodiscard]] [[gnu::always_inline]] int channels() const {
    return kChannels > 0 ? kChannels : layout_.channels;
  }

  // To the left of a row stands its first pixel's upper neighbour.
  void begin_row() {
    const int channels = this->channels();
    for (int i = 0; i < kMargin * channels; ++i) {
      const Cell& first = cells_[1][static_cast<std::size_t>(kMargin * channels + i % channels)];
      cells_[0][static_cast<std::size_t>(i)] = first;
      cells_[1][static_cast<std::size_t>(i)] = first;
    }
  }
  void rotate() {
    std::swap(cells_[2], cells_[1]);
    std::swap(cells_[1], cells_[0]);
  }

  bool repeat_row(std::int32_t* values, Cell* cell, const Cell* above) {
    const int count = layout_.width * channels();
    bool same = true;
    if (!Coder::kDecodes) {
      for (int i = 0; i < count && same; ++i) same = values[i] == above[i].value;
    }
    if (!row_repeats_.code(coder_, same)) return false;
    for (int i = 0; i < count + kMargin * channels(); ++i) {
      if (Coder::kDecodes && i < count) values[i] = above[i].value;
      cell[i] = Cell{above[i].value};
      cell[i].hash = above[i].hash;
    }
    return true;
  }

  [[nodiscard]] [[gnu::always_inline]] bool equal(const Cell* one, const Cell* other) const {
    for (int c = 0; c < channels(); ++c) {
      if (one[c].value != other[c].value) return false;
    }
    return true;
  }
  [[nodiscard]] [[gnu::always_inline]] bool is(const std::int32_t* values, const Cell* cell) const {
    if (Coder::kDecodes) return false;
    for (int c = 0; c < channels(); ++c) {
      if (values[c] != cell[c].value) return false;
    }
    return true;
  }

  // Whether a pixel is just what a neighbour is, where that is worth asking.
  template <Repeats kRepeats>
  [[gnu::always_inline]] bool same_pixel(std::int32_t* values, Cell* cell, const Cell* above,
                                         const Cell* higher) {
    const int channels = this->channels();
    const Cell *w = cell - channels, *nw = above - channels, *ne = above + channels;
    if (w->value == above->value && w->value == nw->value && w->value == ne->value && equal(w, above) &&
        equal(w, nw) && equal(w, ne))
      return ask_flat(values, cell, above, higher);
    if constexpr (kRepeats == Repeats::kNone) return false;
    return kRepeats == Repeats::kNear ? ask_near(values, cell, above, higher)
                                      : ask_remembered(values, cell, above, higher);
  }
  // In a flat place whether it goes on.
  [[gnu::noinline]] bool ask_flat(std::int32_t* values, Cell* cell, const Cell* above, const Cell* higher) {
    const Cell* w = cell - channels();
    const auto restless = static_cast<std::uint32_t>(
        w->magnitude + above->magnitude + (above - channels())->magnitude + (above + channels())->magnitude);
    const std::size_t around = (equal(w, w - channels()) ? 1U : 0) | (equal(above, higher) ? 2U : 0) |
                               std::min<std::uint32_t>(std::bit_width(restless), 7) << 2;
    return coder_.bit(flat_[around], is(values, w)) && take(values, cell, w, above, higher);
  }

  // Which of the neighbours are equal to one another.
  struct Neighbours {
    const Cell *w, *n, *nw, *ne;
    bool w_n, n_ne, w_nw, n_nw;
    std::size_t around;
  };
  [[gnu::always_inline]] Neighbours neighbours(const Cell* cell, const Cell* above,
                                               const Cell* higher) const {
    const int channels = this->channels();
    const Cell *w = cell - channels, *n = above, *nw = above - channels, *ne = above + channels;
    const bool w_n = equal(w, n), n_ne = equal(n, ne), w_nw = equal(w, nw), n_nw = equal(n, nw);
    return {w,    n,    nw,
            ne,   w_n,  n_ne,
            w_nw, n_nw, pattern(w_n, w_nw, n_nw, n_ne, equal(w, w - channels), equal(n, higher))};
  }
  // Asks for the neighbours that differ, where is_new(neighbour); the one that it is, or null.
  template <typename IsNew>
  [[gnu::always_inline]] const Cell* ask_neighbours(const Neighbours& at, const std::int32_t* values,
                                                    const IsNew& is_new) {
    const auto ask = [&](auto& models, const Cell* other) {
      return is_new(other) && coder_.bit(models[at.around], is(values, other));
    };
    if (ask(west_, at.w)) return at.w;
    if (!at.w_n && ask(north_, at.n)) return at.n;
    if (!at.n_ne && !equal(at.w, at.ne) && ask(north_east_, at.ne)) return at.ne;
    if (!at.n_nw && !at.w_nw && ask(north_west_, at.nw)) return at.nw;
    return nullptr;
  }

  [[gnu::always_inline]] bool ask_near(std::int32_t* values, Cell* cell, const Cell* above,
                                       const Cell* higher) {
    const Cell* found =
        ask_neighbours(neighbours(cell, above, higher), values, [](const Cell*) { return true; });
    return found != nullptr && take(values, cell, found, above, higher);
  }

  // Whether it is what followed such neighbours before, or what a neighbour is.
  [[gnu::always_inline]] bool ask_remembered(std::int32_t* values, Cell* cell, const Cell* above,
                                             const Cell* higher) {
    const Neighbours at = neighbours(cell, above, higher);
    const Cell* ww = at.w - channels();
    Memory& wide = wide_[mixed({at.w->hash, at.n->hash, at.nw->hash, at.ne->hash, ww->hash, higher->hash})];
    Memory& narrow = narrow_[mixed({at.w->hash, at.n->hash, 0, 0, 0, 0})];
    // What is remembered stands in cells, so that it can be asked for and taken like a neighbour.
    std::array<Cell, kMaxChannels> by_wide, by_narrow;
    const bool has_wide = recall(wide, by_wide), has_narrow = recall(narrow, by_narrow);
    const auto is_new = [&](const Cell* other) { return !has_wide || !equal(other, by_wide.data()); };
    const auto place = [&](const Cell* other) { return equal(other, at.w) ? 0 : equal(other, at.n) ? 1 : 2; };
    const auto is_beside = [&](const Cell* other) {
      return equal(other, at.w) || equal(other, at.n) || equal(other, at.ne) || equal(other, at.nw);
    };
    const auto ask = [&](AdaptiveBit& model, const Cell* other) {
      return coder_.bit(model, is(values, other));
    };
    const Cell* found = nullptr;
    if (has_wide && ask(remembered_[wide.times][place(by_wide.data())], by_wide.data())) {
      found = by_wide.data();
    } else {
      found = ask_neighbours(at, values, is_new);
      if (found == nullptr && has_narrow && is_new(by_narrow.data()) && !is_beside(by_narrow.data()) &&
          ask(remembered_[narrow.times][3], by_narrow.data()))
        found = by_narrow.data();
    }
    if (found != nullptr) {
      take(values, cell, found, above, higher);
    } else {
      code_pixel(values, cell, above, higher);
    }
    remember(wide, cell);
    remember(narrow, cell);
    return true;
  }
  bool take(std::int32_t* values, Cell* cell, const Cell* same, const Cell* above, const Cell* higher) {
    const std::ptrdiff_t step = this->channels();
    for (int c = 0; c < channels(); ++c) {
      const std::int32_t value = same[c].value;
      if (Coder::kDecodes) values[c] = value;
      const Prediction p = predict({cell + c - step, above + c, higher + c, step});
      learn(cell[c], p, value, p.mixed);
    }
    return true;
  }

  // The pixel that followed some neighbours last, and how many times at once: 0 is never.
  struct Memory {
    std::array<std::int32_t, kMaxChannels> pixel{};
    int times = 0;
  };
  static constexpr int kLeastMemoryBits = 8, kMostMemoryBits = 17, kMostTimes = 7;

  std::size_t mixed(const std::array<std::uint32_t, 6>& hashes) const {
    std::uint32_t sum = 0;
    for (const std::uint32_t hash : hashes) sum = (std::rotl(sum, 5) ^ hash) * 0x9E3779B1U;
    return sum >> (32 - memory_bits_);
  }
  [[nodiscard]] bool equal(const Memory& memory, const Cell* cell) const {
    for (int c = 0; c < channels(); ++c) {
      if (memory.pixel[static_cast<std::size_t>(c)] != cell[c].value) return false;
    }
    return true;
  }
  bool recall(const Memory& memory, std::array<Cell, kMaxChannels>& pixel) const {
    for (std::size_t c = 0; c < pixel.size(); ++c) pixel[c].value = memory.pixel[c];
    return memory.times > 0;
  }
  void remember(Memory& memory, const Cell* cell) {
    if (memory.times > 0 && equal(memory, cell)) {
      memory.times = std::min(memory.times + 1, kMostTimes);
      return;
    }
    memory.times = 1;
    for (int c = 0; c < channels(); ++c) memory.pixel[static_cast<std::size_t>(c)] = cell[c].value;
  }
  void hash(Cell* cell) {
    std::uint32_t sum = 0;
    for (int c = 0; c < channels(); ++c)
      sum = (sum + static_cast<std::uint32_t>(cell[c].value)) * 0x85EBCA6BU;
    cell->hash = sum ^ sum >> 15;
  }

  [[gnu::always_inline]] void code_pixel(std::int32_t* values, Cell* cell, const Cell* above,
                                         const Cell* higher) {
    const std::ptrdiff_t step = this->channels();
    PixelSoFar pixel;
    for (int c = 0; c < channels(); ++c) {
      const auto [low, high] = layout_.ranges[static_cast<std::size_t>(c)];
      if (layout_.last_apart && c == channels() - 1) pixel = {};
      samples_.code({cell + c - step, above + c, higher + c, step}, c, low, high, pixel, values[c], cell[c]);
      if (Coder::kDecodes) values[c] = cell[c].value;
    }
  }

  Coder& coder_;
  SampleCoder<Coder> samples_;
  SampleLayout layout_;
  std::array<std::vector<Cell>, 3> cells_;  // of the row, the one above, the one above that
  RowRepeats row_repeats_;
  std::array<AdaptiveBit, 32> flat_;
  std::array<AdaptiveBit, kPatterns> west_, north_, north_east_, north_west_;
  std::array<std::array<AdaptiveBit, 4>, kMostTimes + 1> remembered_;
  int memory_bits_ = 0;
  std::vector<Memory> wide_, narrow_;
};

}  // namespace vaec::entropy
