#include "infer/analysis.hpp"

#include <algorithm>
#include <cmath>

#include "infer/depth_space.hpp"
#include "infer/strips.hpp"

namespace vaec::infer {
namespace {

constexpr int kBlockSide = model::kLatentStride;
constexpr int kCellSide = 4;  // pixels a side of a position of the stem
constexpr int kCellsALatent = kBlockSide / kCellSide;

// g_a's last layer in rounding steps, so that it adds to the linear branch.
ConvWeights scaled(ConvWeights w, double factor) {
  for (auto& value : w.weight) value *= static_cast<float>(factor);
  for (auto& value : w.bias) value *= static_cast<float>(factor);
  return w;
}

// sign(v) * ln(1 + |v|), to 1e-6: linear for small values, logarithmic for the large ones of high qualities.
// ln(m * 2^e) = e ln 2 + 2 artanh((m - 1) / (m + 1)), m in [1/sqrt(2), sqrt(2)). Written so that a compiler
// can vectorize it; an encoder's choice, which no decoder repeats.
float signed_logarithm(float v) {
  const float u = 1 + std::abs(v);
  const auto bits = std::bit_cast<std::int32_t>(u);
  const std::int32_t exponent = (bits - 0x3F3504F3) >> 23;
  const float m = std::bit_cast<float>(bits - (exponent << 23));
  const float s = (m - 1) / (m + 1), s2 = s * s;
  const float series = 2 * s * (1 + s2 * (1.0F / 3 + s2 * (1.0F / 5 + s2 * (1.0F / 7 + s2 / 9))));
  return std::copysign(static_cast<float>(exponent) * 0.69314718F + series, v);
}

// Positions that a convolution of stride 2 gives.
int half_of(int positions) { return (positions + 1) / 2; }

template <typename T>
void to_numbers(const float* from, std::size_t count, T* to) {
  for (std::size_t i = 0; i < count; ++i) to[i] = number_cast<T>(from[i]);
}

void convert(const float* from, std::size_t count, Number number, std::byte* to) {
  if (number == Number::kF32) {
    std::memcpy(to, from, count * sizeof(float));
  } else {
    to_numbers(from, count, reinterpret_cast<BFloat16*>(to));
  }
}

}  // namespace

Analysis::Analysis(TransformWeights weights, std::vector<float> log_gain, const model::PhotoConfig& config,
                   Number number)
    : config_(config),
      number_(number),
      log_gain_(std::move(log_gain)),
      linear_(std::move(weights.linear), Number::kF32, Number::kF32),
      stem_(std::move(weights.stem), number, number, After::kLeakyRelu),
      last_(scaled(std::move(weights.last), model::kLatentScale), number, Number::kF32, After::kAdd) {
  for (std::size_t stage = 0; stage < 3; ++stage) {
    stages_.emplace_back(std::move(weights.blocks[stage]), config.analysis.channels[stage], number);
  }
  for (auto& down : weights.between) down_.emplace_back(std::move(down), number, number);
  if (weights.skip) skip_.emplace(std::move(*weights.skip), number, Number::kF32);
}

// One picture.
class AnalysisRun {
 public:
  AnalysisRun(const Analysis& analysis, int quality, int rows, int columns, const Analysis::Source& source,
              const Analysis::Sink& sink)
      : a_(analysis),
        rows_(rows),
        columns_(columns),
        source_(source),
        sink_(sink),
        gain_(interpolate_gain(analysis.log_gain_, quality, analysis.config_)),
        blocks_(sizeof(float) * static_cast<std::size_t>(columns) * kBlockSide * kBlockSide * 3),
        y_(sizeof(float) * static_cast<std::size_t>(columns) * analysis.config_.latent),
        cells_(size_of(analysis.number_) * static_cast<std::size_t>(columns) * kCellsALatent * 3 * kCellSide *
               kCellSide) {
    int scale = kCellsALatent;
    for (const auto& stage : analysis.stages_) {
      stages_.emplace_back(stage, rows * scale, columns * scale);
      scale /= 2;
    }
  }

  void push(int first, int count) {
    read(first, count);
    const int height = rows_ * kCellsALatent, width = columns_ * kCellsALatent;
    auto& finest = stages_[0];
    if (const auto p = plan_strip(3, 1, finest.rows().end(), cells_.end(), height); !p.empty()) {
      auto* to = finest.rows().append(p.end - p.first);
      a_.stem_.run({p.source_end - p.source_first, width, p.zeros_above, p.zeros_below},
                   cells_.row(p.source_first), to);
      cells_.drop_before(p.end - 1);
    }
    transform_blocks(a_.skip_ ? add_skip(finest.advance()) : blocks_.end());
    for (std::size_t stage = 0; stage < 2; ++stage) resample(stage);
    finish_rows(stages_[2].advance());
  }

 private:
  // Pixels to both branches: 16x16 blocks in float32 for the linear one, 4x4 cells for the stem.
  void read(int first, int count) {
    const auto line = static_cast<std::size_t>(columns_) * kBlockSide * 3;
    const auto block_row = line * kBlockSide;
    auto* pixels = pixels_.reserve_as<float>(block_row * count);
    auto* blocks = reinterpret_cast<float*>(blocks_.append(count));
    auto* numbers = numbers_.reserve(block_row * count * size_of(a_.number_));
    auto* cells = cells_.append(count * kCellsALatent);
    const auto cell_row_bytes = line * kCellSide * size_of(a_.number_);
#pragma omp parallel for
    for (int row = 0; row < count; ++row) {
      auto* lines = pixels + row * block_row;
      for (int i = 0; i < kBlockSide; ++i) source_((first + row) * kBlockSide + i, lines + i * line);
      for (std::size_t i = 0; i < block_row; ++i) lines[i] = lines[i] / 255 - 0.5F;
      space_to_depth(reinterpret_cast<const std::byte*>(lines), 1, columns_, kBlockSide, 3 * sizeof(float),
                     reinterpret_cast<std::byte*>(blocks + row * block_row));
      auto* converted = numbers + row * block_row * size_of(a_.number_);
      convert(lines, block_row, a_.number_, converted);
      space_to_depth(converted, kCellsALatent, columns_ * kCellsALatent, kCellSide, 3 * size_of(a_.number_),
                     cells + row * kCellsALatent * cell_row_bytes);
    }
  }

  // What the skip makes of the rows at 1/4 before `end` is added to the blocks. Gives the end of the rows of
  // blocks that have all of it.
  int add_skip(int end) {
    auto& finest = stages_[0].rows();
    const int width = columns_ * kCellsALatent, count = end - skipped_;
    if (count > 0) {
      const auto line = static_cast<std::size_t>(width) * kCellSide * kCellSide * 3;
      auto* cells = skip_out_.reserve_as<float>(line * count);
      a_.skip_->run_pointwise(static_cast<std::size_t>(count) * width, finest.row(skipped_), cells);
#pragma omp parallel for
      for (int i = 0; i < count; ++i) {
        const int row = skipped_ + i;
        const auto* from = cells + i * line;
        auto* block = blocks_.row_as<float>(row / kCellsALatent) +
                      static_cast<std::size_t>(row % kCellsALatent) * kCellSide * kBlockSide * 3;
        for (int column = 0; column < columns_; ++column, block += kBlockSide * kBlockSide * 3) {
          for (int cell = 0; cell < kCellsALatent; ++cell) {
            for (int y = 0; y < kCellSide; ++y) {
              auto* to = block + (y * kBlockSide + cell * kCellSide) * 3;
              for (int k = 0; k < 3 * kCellSide; ++k) to[k] += *from++;
            }
          }
        }
      }
      skipped_ = end;
    }
    return skipped_ / kCellsALatent;
  }

  void transform_blocks(int end) {
    const int first = y_.end();
    if (end <= first) return;
    auto* y = y_.append(end - first);
    a_.linear_.run_pointwise(static_cast<std::size_t>(end - first) * columns_, blocks_.row(first), y);
    blocks_.drop_before(end);
  }

  // What a stage has finished goes down to the next, in whole pairs of rows.
  void resample(std::size_t stage) {
    auto& from = stages_[stage];
    auto& to = stages_[stage + 1].rows();
    const int first = to.end(), end = from.advance() / 2;
    if (end <= first) return;
    const int width = columns_ * (kCellsALatent >> (stage + 1)), count = end - first;
    const auto cell = size_of(a_.number_) * static_cast<std::size_t>(a_.stages_[stage].channels());
    const auto line = static_cast<std::size_t>(width) * 4 * cell;  // two rows in, one out
    auto* deep = deep_.reserve(line * count);
    const auto* rows = from.rows().row(2 * first);
#pragma omp parallel for
    for (int row = 0; row < count; ++row) {
      space_to_depth(rows + row * line, 1, width, 2, cell, deep + row * line);
    }
    from.rows().drop_before(2 * end);
    a_.down_[stage].run_pointwise(static_cast<std::size_t>(count) * width, deep, to.append(count));
  }

  void finish_rows(int end) {
    if (end <= done_) return;
    const int channels = a_.config_.latent;
    const auto positions = static_cast<std::size_t>(end - done_) * columns_;
    auto& coarsest = stages_[2].rows();
    auto* y = y_.row_as<float>(done_);
    a_.last_.run_pointwise(positions, coarsest.row(done_), y);
#pragma omp parallel for
    for (std::size_t at = 0; at < positions; ++at) {
      for (int c = 0; c < channels; ++c) y[at * channels + c] *= gain_[c];
    }
    sink_(done_, end - done_, y);
    done_ = end;
    coarsest.drop_before(end);
    y_.drop_before(end);
  }

  const Analysis& a_;
  int rows_, columns_;
  const Analysis::Source& source_;
  const Analysis::Sink& sink_;
  std::vector<float> gain_;
  Rows blocks_, y_, cells_;
  std::vector<ResidualRows> stages_;
  int done_ = 0, skipped_ = 0;  // rows of latents handed out, rows at 1/4 that the skip has seen
  Buffer pixels_, numbers_, deep_, skip_out_;
};

void Analysis::run(int quality, int rows, int columns, const Source& source, const Sink& sink) const {
  AnalysisRun picture(*this, quality, rows, columns, source, sink);
  for_each_strip(rows, columns, [&](int first, int count) { picture.push(first, count); });
}

HyperAnalysis::HyperAnalysis(std::array<ConvWeights, 3> weights, const model::PhotoConfig& config)
    : config_(config),
      first_(without_quality(weights[0], quality_weight_), Number::kF32, Number::kF32, After::kLeakyRelu),
      second_(std::move(weights[1]), Number::kF32, Number::kF32, After::kLeakyRelu),
      third_(scaled(std::move(weights[2]), model::kHyperScale), Number::kF32, Number::kF32) {}

HyperAnalysisRun::HyperAnalysisRun(const HyperAnalysis& h, int quality, int rows, int columns, Sink sink)
    : hyper_analysis_(h),
      rows_(rows),
      columns_(columns),
      half_columns_(half_of(columns)),
      sink_(std::move(sink)),
      first_bias_(h.first_.weights().bias),
      first_(sizeof(float) * static_cast<std::size_t>(columns) * h.config_.hyper_width),
      second_(sizeof(float) * static_cast<std::size_t>(half_columns_) * h.config_.hyper_width) {
  const float plane = centred_quality(quality);
  for (std::size_t c = 0; c < first_bias_.size(); ++c) first_bias_[c] += plane * h.quality_weight_[c];
}

void HyperAnalysisRun::push(int count, const float* y) {
  for_each_strip(count, columns_, [&](int first, int n) {
    push_strip(n, y + static_cast<std::size_t>(first) * columns_ * hyper_analysis_.config_.latent);
  });
}

void HyperAnalysisRun::push_strip(int count, const float* y) {
  const auto& h = hyper_analysis_;
  const auto values = static_cast<std::size_t>(count) * columns_ * h.config_.latent;
  auto* logarithms = buffer_.reserve_as<float>(values);
#pragma omp parallel for
  for (std::size_t i = 0; i < values; ++i) logarithms[i] = signed_logarithm(y[i]);
  h.first_.run_pointwise(static_cast<std::size_t>(count) * columns_, logarithms, first_.append(count),
                         first_bias_.data());

  if (const auto p = plan_strip(5, 2, second_.end(), first_.end(), rows_); !p.empty()) {
    auto* to = second_.append(p.end - p.first);
    h.second_.run({p.source_end - p.source_first, columns_, p.zeros_above, p.zeros_below},
                  first_.row(p.source_first), to);
    first_.drop_before(2 * p.end - 2);
  }
  if (const auto p = plan_strip(5, 2, third_done_, second_.end(), half_of(rows_)); !p.empty()) {
    const auto line = static_cast<std::size_t>(half_of(half_columns_)) * h.config_.hyper;
    auto* z = buffer_.reserve_as<float>(line * static_cast<std::size_t>(p.end - p.first));
    h.third_.run({p.source_end - p.source_first, half_columns_, p.zeros_above, p.zeros_below},
                 second_.row(p.source_first), z);
    second_.drop_before(2 * p.end - 2);
    third_done_ = p.end;
    for (int row = p.first; row < p.end; ++row)
      sink_(row, z + static_cast<std::size_t>(row - p.first) * line);
  }
}

}  // namespace vaec::infer
