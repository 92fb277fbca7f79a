#include "entropy/plane_coder.hpp"

#include <algorithm>
#include <bit>
#include <cassert>

#include "base/clones.hpp"
#include "entropy/bit_coder.hpp"
#include "entropy/sample_coder.hpp"

namespace vaec::entropy {
namespace {

constexpr int kMargin = 2;  // pixels beside a row

// Which pixels around one are equal, as a context: 0..63.
[[gnu::always_inline]] inline std::size_t pattern(bool w_n, bool w_nw, bool n_nw, bool n_ne, bool w_ww,
                                                  bool n_nn) {
  return (w_n ? 1U : 0) | (w_nw ? 2U : 0) | (n_nw ? 4U : 0) | (n_ne ? 8U : 0) | (w_ww ? 16U : 0) |
         (n_nn ? 32U : 0);
}
constexpr std::size_t kPatterns = 64;

// Whether a whole row is that above.
class RowRepeats {
 public:
  template <typename Coder>
  bool code(Coder& coder, bool same) {
    before_ = coder.bit(bits_[before_ ? 1 : 0], same);
    return before_;
  }

 private:
  bool before_ = false;
  std::array<AdaptiveBit, 2> bits_;
};

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

VAEC_CLONES void code_row(SampleRows<BitEncoder, 3>& rows, int row, std::int32_t* values) {
  rows.code<Repeats::kNone>(row, values);
}
VAEC_CLONES void code_near_row(SampleRows<BitEncoder, 3>& rows, int row, std::int32_t* values) {
  rows.code<Repeats::kNear>(row, values);
}
VAEC_CLONES void code_row(SampleRows<BitDecoder, 3>& rows, int row, std::int32_t* values) {
  rows.code<Repeats::kNone>(row, values);
}
VAEC_CLONES void code_near_row(SampleRows<BitDecoder, 3>& rows, int row, std::int32_t* values) {
  rows.code<Repeats::kNear>(row, values);
}
VAEC_CLONES void code_row(SampleRows<BitEncoder, 0>& rows, int row, std::int32_t* values) {
  rows.code<Repeats::kNone>(row, values);
}
VAEC_CLONES void code_near_row(SampleRows<BitEncoder, 0>& rows, int row, std::int32_t* values) {
  rows.code<Repeats::kNear>(row, values);
}
VAEC_CLONES void code_row(SampleRows<BitDecoder, 0>& rows, int row, std::int32_t* values) {
  rows.code<Repeats::kNone>(row, values);
}
VAEC_CLONES void code_near_row(SampleRows<BitDecoder, 0>& rows, int row, std::int32_t* values) {
  rows.code<Repeats::kNear>(row, values);
}
template <typename Coder, int kChannels>
void code_remembered_row(SampleRows<Coder, kChannels>& rows, int row, std::int32_t* values) {
  rows.template code<Repeats::kRemembered>(row, values);
}

// Calls each(row) for all rows with a function that codes it.
template <int kChannels, typename Coder, typename Each>
void for_rows(Coder& coder, const SampleLayout& layout, const Each& each) {
  SampleRows<Coder, kChannels> rows(coder, layout);
  for (int row = 0; row < layout.rows; ++row) {
    each(row, [&](std::int32_t* values) {
      if (layout.repeats == Repeats::kNone) return code_row(rows, row, values);
      if (layout.repeats == Repeats::kNear) return code_near_row(rows, row, values);
      code_remembered_row(rows, row, values);
    });
  }
}
template <typename Coder, typename Each>
void for_rows(Coder& coder, const SampleLayout& layout, const Each& each) {
  layout.channels == 3 ? for_rows<3>(coder, layout, each) : for_rows<0>(coder, layout, each);
}

// Indices by the indices around them.
template <typename Coder>
class IndexRows {
 public:
  IndexRows(Coder& coder, int width, int count)
      : coder_(coder),
        width_(width),
        count_(count),
        few_(count <= kSymbols),
        first_(kTables),
        second_(kTables) {
    for (auto& row : rows_) row.resize(static_cast<std::size_t>(width + 2 * kMargin));
  }

  [[gnu::always_inline]] void code(int row, std::int32_t* values) {
    std::int32_t* at = rows_[0].data() + kMargin;
    std::int32_t* above = rows_[1].data() + kMargin;
    const std::int32_t* higher = rows_[2].data() + kMargin;
    at[-1] = at[-2] = above[-1] = above[-2] = above[0];
    if (row == 0 || !repeat_row(values, at, above)) {
      for (int x = 0; x < width_; ++x, ++at, ++above, ++higher) {
        const int value = code_index(at, above, higher, Coder::kDecodes ? 0 : values[x]);
        *at = value;
        if (Coder::kDecodes) values[x] = value;
      }
      at[0] = at[1] = at[-1];
    }
    std::swap(rows_[2], rows_[1]);
    std::swap(rows_[1], rows_[0]);
  }

 private:
  static constexpr int kTableBits = 12;
  static constexpr std::size_t kTables = std::size_t{1} << kTableBits;

  bool repeat_row(std::int32_t* values, std::int32_t* at, const std::int32_t* above) {
    if (!row_repeats_.code(coder_, !Coder::kDecodes && std::equal(values, values + width_, above)))
      return false;
    std::copy_n(above, width_ + kMargin, at);
    if (Coder::kDecodes) std::copy_n(above, width_, values);
    return true;
  }

  [[gnu::always_inline]] int code_index(const std::int32_t* at, const std::int32_t* above,
                                        const std::int32_t* higher, int value) {
    if (count_ == 2) return code_bit(at, above, higher, value != 0) ? 1 : 0;
    const int w = at[-1], ww = at[-2], n = above[0], nw = above[-1], ne = above[1], nn = higher[0];
    const auto around = pattern(w == n, w == nw, n == nw, n == ne, w == ww, n == nn);
    const bool flat = w == n && n == nw && n == ne;
    if (!few_ || flat) {
      if (coder_.bit(west_[around], value == w)) return w;
    }
    if (!few_) {
      if (n != w && coder_.bit(north_[around], value == n)) return n;
      if (ne != n && ne != w && coder_.bit(north_east_[around], value == ne)) return ne;
      if (nw != n && nw != w && coder_.bit(north_west_[around], value == nw)) return nw;
      const int upper = nibble(hash(w, 0, 0), hash(n, 1, 0), value >> 4);
      const int found = upper << 4 | nibble(hash(w, upper, 2), hash(n, upper, 3), value & 15);
      return std::min(found, count_ - 1);
    }
    const auto wide = static_cast<std::uint32_t>(w | n << 4 | nw << 8 | ne << 12 | ww << 16 | nn << 20);
    const auto narrow =
        static_cast<std::size_t>(w | n << 4 | (nw == ne ? 1 : 0) << 8 | (nw == n ? 1 : 0) << 9);
    return std::min(nibble((wide * 0x9E3779B1U) >> (32 - kTableBits), narrow, value), count_ - 1);
  }
  // One of two by the ten around it; those four that touch it say what ten met for the first time make likely.
  bool code_bit(const std::int32_t* at, const std::int32_t* above, const std::int32_t* higher, bool value) {
    const auto near = static_cast<std::size_t>(at[-1] | above[0] << 1 | above[-1] << 2 | above[1] << 3);
    const auto all = near | static_cast<std::size_t>(at[-2] | above[-2] << 1 | above[2] << 2 |
                                                     higher[0] << 3 | higher[-1] << 4 | higher[1] << 5)
                                << 4;
    if (ten_[all].is_new()) ten_[all].inherit(four_[near]);
    value = coder_.bit(ten_[all], value);
    four_[near].update(value);
    return value;
  }
  int nibble(std::size_t first, std::size_t second, int value) {
    if (first_[first].is_new()) first_[first].inherit(second_[second]);
    return coder_.symbol(first_[first], second_[second], value);
  }
  // A table of an index 0..255 and four bits more.
  static std::size_t hash(int index, int four, int what) {
    return (static_cast<std::uint32_t>(index | four << 8 | what << 12) * 0x9E3779B1U) >> (32 - kTableBits);
  }

  Coder& coder_;
  int width_, count_;
  bool few_;  // one symbol holds an index
  std::array<std::vector<std::int32_t>, 3> rows_;
  RowRepeats row_repeats_;
  std::array<AdaptiveBit, kPatterns> west_, north_, north_east_, north_west_;
  std::array<AdaptiveBit, 16> four_;
  std::array<AdaptiveBit, 1024> ten_;
  std::vector<AdaptiveSymbol> first_, second_;
};

VAEC_CLONES void code_row(IndexRows<BitEncoder>& rows, int row, std::int32_t* values) {
  rows.code(row, values);
}
VAEC_CLONES void code_row(IndexRows<BitDecoder>& rows, int row, std::int32_t* values) {
  rows.code(row, values);
}

}  // namespace

std::vector<std::byte> encode_samples(const SampleLayout& layout, const RowSource& source) {
  BitEncoder coder;
  std::vector<std::int32_t> values(static_cast<std::size_t>(layout.width) *
                                   static_cast<std::size_t>(layout.channels));
  for_rows(coder, layout, [&](int row, const auto& code) {
    source(row, values.data());
    code(values.data());
  });
  return coder.finish();
}

void decode_samples(std::span<const std::byte> stream, const SampleLayout& layout, const RowSink& sink) {
  BitDecoder coder(stream);
  std::vector<std::int32_t> values(static_cast<std::size_t>(layout.width) *
                                   static_cast<std::size_t>(layout.channels));
  for_rows(coder, layout, [&](int row, const auto& code) {
    code(values.data());
    sink(row, values.data());
  });
  coder.expect_end();
}

std::vector<std::byte> encode_indices(int width, int rows, int count, const RowSource& source) {
  BitEncoder coder;
  IndexRows<BitEncoder> coded(coder, width, count);
  std::vector<std::int32_t> values(static_cast<std::size_t>(width));
  for (int row = 0; row < rows; ++row) {
    source(row, values.data());
    code_row(coded, row, values.data());
  }
  return coder.finish();
}

void decode_indices(std::span<const std::byte> stream, int width, int rows, int count, const RowSink& sink) {
  BitDecoder coder(stream);
  IndexRows<BitDecoder> coded(coder, width, count);
  std::vector<std::int32_t> values(static_cast<std::size_t>(width));
  for (int row = 0; row < rows; ++row) {
    code_row(coded, row, values.data());
    sink(row, values.data());
  }
  coder.expect_end();
}

}  // namespace vaec::entropy
