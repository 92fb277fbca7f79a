#include "infer/synthesis.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/clones.hpp"
#include "entropy/predicted_integer.hpp"
#include "infer/integer_conv.hpp"
#include "infer/parallel_rows.hpp"
#include "infer/strips.hpp"

namespace vaec::infer {
namespace {

constexpr int kStride = model::kLatentStride;
constexpr int kDetail = 4;                          // pixels a side of a position at 1/4
constexpr int kDetailsALatent = kStride / kDetail;  // positions at 1/4 a side of a latent's
constexpr int kLineSamples = 3 * kStride;           // of one latent in a row of pixels
constexpr int kCellLine = 3 * kDetail;              // of a position at 1/4
constexpr int kCell = kCellLine * kDetail;
constexpr std::int32_t kLow = -32768, kHigh = 32767;

// The linear branch's outputs [16][16][3] as a latent's cells, [4][4] of [4][4][3].
model::WideLayer in_cells(const model::WideLayer& layer) {
  auto made = layer;
  const auto in = static_cast<std::size_t>(layer.in);
  for (int y = 0; y < kStride; ++y) {
    for (int i = 0; i < kLineSamples; ++i) {
      const auto from = static_cast<std::size_t>(y * kLineSamples + i),
                 to = static_cast<std::size_t>((y / kDetail * kDetailsALatent + i / kCellLine) * kCell +
                                               y % kDetail * kCellLine + i % kCellLine);
      std::copy_n(layer.weight.begin() + static_cast<std::ptrdiff_t>(from * in), in,
                  made.weight.begin() + static_cast<std::ptrdiff_t>(to * in));
      made.bias[to] = layer.bias[from];
    }
  }
  return made;
}

// Four rows of pixels out of `count` cells of the two branches, `line` samples from one to the next.
VAEC_CLONES void add_branches(const std::int16_t* linear, const std::int16_t* detail, std::size_t count,
                              std::int16_t* rgb, std::size_t line) {
  for (std::size_t cell = 0; cell < count; ++cell, linear += kCell, detail += kCell, rgb += kCellLine) {
    std::int16_t pixels[kCell];
    for (int i = 0; i < kCell; ++i) {
      const std::int32_t sum = linear[i] + detail[i] + model::kPixelCentre;
      pixels[i] = static_cast<std::int16_t>(std::min(std::max(sum, kLow), kHigh));
    }
    for (std::size_t y = 0; y < kDetail; ++y)
      std::memcpy(rgb + y * line, pixels + y * kCellLine, kCellLine * sizeof *rgb);
  }
}

}  // namespace

Synthesis::Synthesis(const model::SynthesisLayers& layers, const model::PhotoConfig& config)
    : gain_(layers.gain),
      linear_weights_(layers.linear),
      stem_quality_(layers.stem_quality),
      linear_(in_cells(layers.linear)),
      stem_(layers.stem),
      last_(layers.last) {
  stem_quality_.resize(stem_.out());
  for (const auto& up : layers.up) up_.emplace_back(up, 4);
  for (const std::size_t scale : {2, 1, 0}) {
    stages_.emplace_back(layers.blocks[scale], padded_channels(config.synthesis.channels[scale]));
  }
  if (layers.skip) skip_.emplace(*layers.skip);
}

void Synthesis::scale(const std::int32_t* latent, std::size_t count, int quality, std::int16_t* y) const {
  const auto own = gain_.shift.size();
  const auto* gain = gain_.gain.data() + static_cast<std::size_t>(quality - kMinQuality) * own;
  for (std::size_t i = 0; i < count; ++i, latent += own, y += channels()) {
    for (std::size_t c = 0; c < own; ++c) {
      const int shift = gain_.shift[c];
      const auto value = (std::int64_t{latent[c]} * gain[c] + (std::int64_t{1} << (shift - 1))) >> shift;
      y[c] = static_cast<std::int16_t>(std::clamp<std::int64_t>(value, kLow, kHigh));
    }
    std::fill(y + own, y + channels(), std::int16_t{0});
  }
}

Preview::Preview(const Synthesis& synthesis, int side) : synthesis_(synthesis), side_(side) {
  const auto& linear = synthesis.linear();
  const auto latent = static_cast<std::size_t>(linear.in), cells = static_cast<std::size_t>(side * side) * 3;
  weight_.resize(cells * latent);
  bias_.resize(cells);
  const int cell = kStride / side;
  for (int y = 0; y < kStride; ++y) {
    for (int x = 0; x < kStride; ++x) {
      for (int c = 0; c < 3; ++c) {
        const auto from = static_cast<std::size_t>((y * kStride + x) * 3 + c),
                   to = static_cast<std::size_t>((y / cell * side + x / cell) * 3 + c);
        for (std::size_t i = 0; i < latent; ++i) weight_[to * latent + i] += linear.weight[from * latent + i];
        bias_[to] += linear.bias[from];
      }
    }
  }
}

void Preview::run(const std::int32_t* latent, int columns, int quality, std::int16_t* rgb) const {
  const auto& linear = synthesis_.linear();
  const auto channels = static_cast<std::size_t>(linear.in), samples = static_cast<std::size_t>(side_) * 3;
  const int cell = kStride / side_;
  const std::int64_t unit = std::int64_t{cell} * cell << linear.shift;  // of a sum over a cell
  std::vector<std::int16_t> y(synthesis_.channels());
  for (int column = 0; column < columns; ++column, latent += channels) {
    synthesis_.scale(latent, 1, quality, y.data());
    for (std::size_t o = 0; o < bias_.size(); ++o) {
      std::int64_t sum = bias_[o];
      for (std::size_t i = 0; i < channels; ++i) sum += weight_[o * channels + i] * y[i];
      const auto mean = entropy::floor_divide(sum, unit) + model::kPixelCentre;
      const auto line = o / samples,
                 at =
                     (line * static_cast<std::size_t>(columns) + static_cast<std::size_t>(column)) * samples +
                     o % samples;
      rgb[at] = static_cast<std::int16_t>(std::clamp<std::int64_t>(mean, kLow, kHigh));
    }
  }
}

SynthesisRun::SynthesisRun(const Synthesis& synthesis, int quality, int rows, int columns, Sink sink)
    : synthesis_(synthesis),
      quality_(quality),
      columns_(columns),
      sink_(std::move(sink)),
      stem_bias_(synthesis.stem_.bias()),
      cells_(rows * kDetailsALatent, columns * kDetailsALatent, kCell, synthesis.skip_ ? 1 : 0, 0),
      gone_up_(2, 0),
      detail_(sizeof(std::int16_t) * static_cast<std::size_t>(columns) * kDetailsALatent * kCell) {
  const int plane = 2 * quality - (kMinQuality + kMaxQuality);
  for (std::size_t c = 0; c < stem_bias_.size(); ++c) {
    stem_bias_[c] = static_cast<std::int32_t>(static_cast<std::uint32_t>(stem_bias_[c]) +
                                              static_cast<std::uint32_t>(plane * synthesis.stem_quality_[c]));
  }
  const int fine = kDetailsALatent;
  stages_.emplace_back(synthesis.stages_[0], synthesis.up_[0], rows, columns);
  stages_.emplace_back(synthesis.stages_[1], synthesis.up_[1], rows * 2, columns * 2);
  stages_.emplace_back(synthesis.stages_[2], synthesis.last_, rows * fine, columns * fine);
}

void SynthesisRun::push(const std::int32_t* latent, int count, std::size_t stride) {
  for_each_strip(count, columns_, [&](int first, int n) {
    push_strip(latent + static_cast<std::size_t>(first) * stride, n, stride);
  });
}

void SynthesisRun::push_strip(const std::int32_t* latent, int count, std::size_t stride) {
  const auto& s = synthesis_;
  const auto columns = static_cast<std::size_t>(columns_), values = columns * s.channels();
  auto* y = y_.reserve_as<std::int16_t>(values * static_cast<std::size_t>(count));
  const int first_cells = cells_.end();
  cells_.append(count * kDetailsALatent);
  auto* stream = stages_[0].append(count);
  for_row_pieces(0, count, 1, [&](int row, int) {
    const auto at = static_cast<std::size_t>(row);
    auto* of_row = y + at * values;
    s.scale(latent + at * stride, columns, quality_, of_row);
    std::array<std::int16_t*, kDetailsALatent> lines;
    for (int k = 0; k < kDetailsALatent; ++k)
      lines[static_cast<std::size_t>(k)] = cells_.row(first_cells + row * kDetailsALatent + k);
    s.linear_.put_lines(columns_, of_row, lines);
    s.stem_.put(columns_, of_row, stream + at * columns * s.stem_.out(), stem_bias_.data());
  });
  stages_[0].advance();
  go_up(0);
  go_up(1);
  auto& finest = stages_[2];
  const int width = columns_ * kDetailsALatent, first = detail_.end(), end = finest.values().computable();
  if (end > first) {
    detail_.append(end - first);
    for_row_pieces(first, end, kDetailsALatent, [&](int row, int n) {
      for (const int past = row + n; row < past; ++row) {
        s.last_.put(width, finest.values().window(row), detail_.row_as<std::int16_t>(row));
      }
    });
    finest.values().drop_before(end);
  }
  finish_rows();
}

// What a stage has finished goes up to the next.
void SynthesisRun::go_up(std::size_t stage) {
  const auto& s = synthesis_;
  auto& from = stages_[stage];
  auto& to = stages_[stage + 1];
  const int width = columns_ << stage, first = gone_up_[stage];
  const bool skips = stage == 1 && s.skip_;
  int end = from.bytes().end();
  if (skips) end = std::min(end, cells_.computable() / 2);
  if (end <= first) return;
  const auto& up = s.up_[stage];
  const auto line = static_cast<std::size_t>(width) * up.out();
  auto* target = to.append(2 * (end - first));
  for_row_pieces(first, end, up.piece_height(width), [&](int begin, int n) {
    const auto* sums = up.sums(n, width, from.bytes().window(begin));
    for (int row = begin; row < begin + n; ++row, sums += line) {
      auto* upper = target + static_cast<std::size_t>(row - first) * line;
      up.put_up(sums, static_cast<std::size_t>(width), upper, upper + line / 2);
    }
  });
  if (skips) {
    const auto values = static_cast<std::size_t>(2 * width) * s.skip_->out();
    for_row_pieces(2 * first, 2 * end, kDetailsALatent, [&](int row, int n) {
      for (const int past = row + n; row < past; ++row) {
        s.skip_->add(2 * width, cells_.window(row),
                     target + static_cast<std::size_t>(row - 2 * first) * values);
      }
    });
  }
  from.bytes().drop_before(end);
  gone_up_[stage] = end;
  to.advance();
}

// Whole latent rows of pixels, once both branches have them.
void SynthesisRun::finish_rows() {
  const int first = done_, end = detail_.end() / kDetailsALatent;
  if (end <= first) return;
  const auto line = static_cast<std::size_t>(columns_) * kLineSamples;
  for_each_strip(end - first, columns_, [&](int begin, int count) {
    auto* rgb = pixels_.reserve_as<std::int16_t>(line * kStride * static_cast<std::size_t>(count));
    for_row_pieces(0, count * kDetailsALatent, 1, [&](int row, int) {
      const int of_picture = (first + begin) * kDetailsALatent + row;
      add_branches(cells_.row(of_picture), detail_.row_as<std::int16_t>(of_picture),
                   static_cast<std::size_t>(columns_) * kDetailsALatent,
                   rgb + static_cast<std::size_t>(row) * kDetail * line, line);
    });
    for (int row = 0; row < count * kStride; ++row) {
      sink_((first + begin) * kStride + row, std::span(rgb + static_cast<std::size_t>(row) * line, line));
    }
  });
  done_ = end;
  cells_.drop_before(end * kDetailsALatent);
  detail_.drop_before(end * kDetailsALatent);
}

}  // namespace vaec::infer
