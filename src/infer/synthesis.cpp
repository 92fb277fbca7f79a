#include "infer/synthesis.hpp"

#include <algorithm>

#include "infer/depth_space.hpp"
#include "infer/strips.hpp"
#include "model/hyper_layers.hpp"

namespace vaec::infer {
namespace {

constexpr int kStride = model::kLatentStride;
constexpr int kDetail = 4;                          // pixels a side of a position at 1/4
constexpr int kDetailsALatent = kStride / kDetail;  // positions at 1/4 a side of a latent's
constexpr int kLineSamples = 3 * kStride;           // of one latent in a row of pixels
constexpr int kCell = 3 * kDetail * kDetail;        // samples of a position at 1/4

template <typename T>
void scale_row(const std::int32_t* latent, const float* gain, int columns, int channels, float* y,
               T* scaled) {
  constexpr auto kScale = static_cast<float>(1 / model::kLatentScale);
  for (int column = 0; column < columns; ++column) {
    for (int c = 0; c < channels; ++c) {
      y[c] = static_cast<float>(latent[c]) * gain[c];
      scaled[c] = number_cast<T>(y[c] * kScale);
    }
    latent += channels;
    y += channels;
    scaled += channels;
  }
}

// A row of positions at 1/4 out of latents' pixels [columns][16][16][3],
// `from` at the first of its four lines.
template <typename T>
void cells_of_row(const float* from, int columns, T* to) {
  for (int column = 0; column < columns; ++column, from += kStride * kLineSamples) {
    for (int k = 0; k < kDetailsALatent; ++k) {
      for (int line = 0; line < kDetail; ++line) {
        const auto* run = from + line * kLineSamples + k * 3 * kDetail;
        for (int i = 0; i < 3 * kDetail; ++i) *to++ = number_cast<T>(run[i]);
      }
    }
  }
}

// One row of pixels: `linear` [columns][16][48] at this row's line,
// `detail` [4 * columns][4][12] at its line.
void add_branches(const float* linear, const float* detail, int columns, float* rgb) {
  for (int column = 0; column < columns; ++column, linear += kStride * kLineSamples) {
    for (int k = 0; k < kDetailsALatent; ++k, detail += kDetail * 3 * kDetail) {
      for (int i = 0; i < 3 * kDetail; ++i) {
        rgb[k * 3 * kDetail + i] = 255.0F * (linear[k * 3 * kDetail + i] + detail[i] + 0.5F);
      }
    }
    rgb += kLineSamples;
  }
}

}  // namespace

Synthesis::Synthesis(TransformWeights weights, std::vector<float> log_inverse_gain,
                     const model::PhotoConfig& config, Number number)
    : config_(config),
      number_(number),
      log_inverse_gain_(std::move(log_inverse_gain)),
      linear_(std::move(weights.linear), Number::kF32, Number::kF32),
      stem_(without_quality(weights.stem, quality_weight_), number, number),
      last_(std::move(weights.last), number, Number::kF32) {
  for (const std::size_t stage : {2, 1, 0}) {
    stages_.emplace_back(std::move(weights.blocks[stage]), config.synthesis.channels[stage], number,
                         stage == 0);
  }
  for (auto& up : weights.between) up_.emplace_back(std::move(up), number, number);
  if (weights.skip) skip_.emplace(std::move(*weights.skip), number, number, After::kAdd);
}

std::vector<float> Synthesis::gain(int quality) const {
  auto gain = interpolate_gain(log_inverse_gain_, quality, config_);
  for (auto& value : gain) value /= model::kMeanUnit;
  return gain;
}

namespace {

// Means over cells of the 16x16 pixels of a latent: side * side * 3 channels.
ConvWeights means_of(const ConvWeights& linear, int side) {
  ConvWeights means{linear.in, side * side * 3, 1, 1, {}, {}};
  means.weight.assign(static_cast<std::size_t>(means.out) * linear.in, 0);
  means.bias.assign(static_cast<std::size_t>(means.out), 0);
  const int cell = kStride / side;
  const float share = 1.0F / static_cast<float>(cell * cell);
  for (int y = 0; y < kStride; ++y) {
    for (int x = 0; x < kStride; ++x) {
      for (int c = 0; c < 3; ++c) {
        const int from = (y * kStride + x) * 3 + c, to = (y / cell * side + x / cell) * 3 + c;
        for (int i = 0; i < linear.in; ++i) {
          means.weight[std::size_t(to) * linear.in + i] +=
              share * linear.weight[std::size_t(from) * linear.in + i];
        }
        means.bias[to] += share * linear.bias[from];
      }
    }
  }
  return means;
}

}  // namespace

Preview::Preview(const ConvWeights& linear, int side)
    : mean_(means_of(linear, side), Number::kF32, Number::kF32), side_(side) {}

void Preview::run(const std::int32_t* latent, int columns, std::span<const float> gain, float* rgb) const {
  const auto channels = gain.size(), samples = static_cast<std::size_t>(side_) * 3;
  std::vector<float> y(static_cast<std::size_t>(columns) * channels),
      means(static_cast<std::size_t>(columns) * samples * side_);
  for (std::size_t i = 0; i < y.size(); ++i) y[i] = static_cast<float>(latent[i]) * gain[i % channels];
  mean_.run_pointwise(static_cast<std::size_t>(columns), y.data(), means.data());
  for (int line = 0; line < side_; ++line) {
    for (int column = 0; column < columns; ++column) {
      for (std::size_t i = 0; i < samples; ++i) {
        *rgb++ = 255.0F * (means[(static_cast<std::size_t>(column) * side_ + line) * samples + i] + 0.5F);
      }
    }
  }
}

SynthesisRun::SynthesisRun(const Synthesis& synthesis, int quality, int rows, int columns, Sink sink)
    : synthesis_(synthesis),
      rows_(rows),
      columns_(columns),
      sink_(std::move(sink)),
      gain_(synthesis.gain(quality)),
      stem_bias_(synthesis.stem_.weights().bias),
      linear_(sizeof(float) * static_cast<std::size_t>(columns) * kStride * kLineSamples),
      cells_(size_of(synthesis.number_) * static_cast<std::size_t>(columns) * kDetailsALatent * kCell),
      resampled_(2, 0),
      detail_(sizeof(float) * static_cast<std::size_t>(columns) * kDetailsALatent * 3 * kDetail * kDetail) {
  const float plane = centred_quality(quality);
  for (std::size_t c = 0; c < stem_bias_.size(); ++c) stem_bias_[c] += plane * synthesis.quality_weight_[c];
  int scale = 1;
  for (const auto& stage : synthesis.stages_) {
    stages_.emplace_back(stage, rows * scale, columns * scale);
    scale *= 2;
  }
}

void SynthesisRun::push(const std::int32_t* latent, int count, std::size_t stride) {
  for_each_strip(count, columns_, [&](int first, int n) {
    push_strip(latent + static_cast<std::size_t>(first) * stride, n, stride);
  });
}

void SynthesisRun::push_strip(const std::int32_t* latent, int count, std::size_t stride) {
  const int channels = synthesis_.config_.latent;
  const auto row_values = static_cast<std::size_t>(columns_) * channels;
  auto* y = y_.reserve_as<float>(row_values * count);
  auto* scaled = stem_in_.reserve(size_of(synthesis_.number_) * row_values * count);
#pragma omp parallel for
  for (int row = 0; row < count; ++row) {
    const auto* from = latent + static_cast<std::size_t>(row) * stride;
    const auto at = static_cast<std::size_t>(row) * row_values;
    if (synthesis_.number_ == Number::kF32) {
      scale_row(from, gain_.data(), columns_, channels, y + at, reinterpret_cast<float*>(scaled) + at);
    } else {
      scale_row(from, gain_.data(), columns_, channels, y + at, reinterpret_cast<BFloat16*>(scaled) + at);
    }
  }
  const auto positions = static_cast<std::size_t>(count) * columns_;
  synthesis_.linear_.run_pointwise(positions, y, linear_.append(count));
  if (synthesis_.skip_) cut_cells(linear_.end() - count);
  synthesis_.stem_.run_pointwise(positions, scaled, stages_[0].rows().append(count), stem_bias_.data());
  for (std::size_t stage = 0; stage < 2; ++stage) resample(stage);

  auto& finest = stages_[2];
  const int available = finest.advance(), height = rows_ * kDetailsALatent;
  if (const auto p = plan_strip(3, 1, detail_.end(), available, height); !p.empty()) {
    auto* detail = detail_.append(p.end - p.first);
    synthesis_.last_.run(
        {p.source_end - p.source_first, columns_ * kDetailsALatent, p.zeros_above, p.zeros_below},
        finest.rows().row(p.source_first), detail);
    finest.rows().drop_before(p.end - 1);
  }
  finish_rows();
}

// The rows of the linear branch's picture from latent row `first` on, as cells of 4x4 pixels.
void SynthesisRun::cut_cells(int first) {
  const int end = linear_.end();
  const auto line = static_cast<std::size_t>(columns_) * kDetailsALatent * kCell;
  auto* to = cells_.append((end - first) * kDetailsALatent);
#pragma omp parallel for
  for (int row = 0; row < (end - first) * kDetailsALatent; ++row) {
    const auto* from = linear_.row_as<float>(first + row / kDetailsALatent) +
                       static_cast<std::size_t>(row % kDetailsALatent) * kDetail * kLineSamples;
    if (synthesis_.number_ == Number::kF32) {
      cells_of_row(from, columns_, reinterpret_cast<float*>(to) + row * line);
    } else {
      cells_of_row(from, columns_, reinterpret_cast<BFloat16*>(to) + row * line);
    }
  }
}

// Adds to the rows `first` to `end` at 1/4 what the skip makes of the linear branch's picture.
void SynthesisRun::skip(int first, int end) {
  const int height = rows_ * kDetailsALatent, above = std::max(0, first - 1),
            below = std::min(height, end + 1);
  synthesis_.skip_->run({below - above, columns_ * kDetailsALatent, above - (first - 1), end + 1 - below},
                        cells_.row(above), stages_[2].rows().row(first));
  cells_.drop_before(end - 1);
}

// What a stage has finished goes up to the next.
void SynthesisRun::resample(std::size_t stage) {
  auto& from = stages_[stage];
  const int first = resampled_[stage];
  int end = from.advance();
  const bool skips = stage == 1 && synthesis_.skip_;
  if (skips && cells_.end() < rows_ * kDetailsALatent) end = std::min(end, (cells_.end() - 1) / 2);
  if (end <= first) return;
  const int width = columns_ << stage, channels = synthesis_.stages_[stage + 1].channels();
  const auto cell = size_of(synthesis_.number_) * static_cast<std::size_t>(channels);
  const auto positions = static_cast<std::size_t>(end - first) * width;
  auto* deep = up_out_.reserve(positions * 4 * cell);
  synthesis_.up_[stage].run_pointwise(positions, from.rows().row(first), deep);
  auto* to = stages_[stage + 1].rows().append(2 * (end - first));
  const auto line = static_cast<std::size_t>(width) * 4 * cell;
#pragma omp parallel for
  for (int row = 0; row < end - first; ++row) {
    depth_to_space(deep + row * line, 1, width, 2, cell, to + row * line);
  }
  if (skips) skip(2 * first, 2 * end);
  resampled_[stage] = end;
  from.rows().drop_before(end);
}

// Whole latent rows of pixels, once both branches have them.
void SynthesisRun::finish_rows() {
  const int first = done_, end = detail_.end() / kDetailsALatent;
  if (end <= first) return;
  const auto line = static_cast<std::size_t>(columns_) * kLineSamples;
  for_each_strip(end - first, columns_, [&](int begin, int count) {
    const auto* linear = linear_.row_as<float>(first + begin);
    auto* rgb = rgb_.reserve_as<float>(line * kStride * count);
#pragma omp parallel for
    for (int row = 0; row < count * kStride; ++row) {
      const int latent_row = row / kStride, line_of_latent = row % kStride;
      const auto* detail =
          detail_.row_as<float>((first + begin + latent_row) * kDetailsALatent + line_of_latent / kDetail);
      add_branches(linear + latent_row * kStride * line + line_of_latent * kLineSamples,
                   detail + line_of_latent % kDetail * 3 * kDetail, columns_, rgb + row * line);
    }
    for (int row = 0; row < count * kStride; ++row) {
      sink_((first + begin) * kStride + row, std::span(rgb + row * line, line));
    }
  });
  done_ = end;
  linear_.drop_before(end);
  detail_.drop_before(end * kDetailsALatent);
}

}  // namespace vaec::infer
