#include "infer/hyper_synthesis.hpp"

#include <algorithm>
#include <cstring>
#include <type_traits>

#include "base/stage.hpp"
#include "entropy/lf_predictor.hpp"
#include "infer/buffer.hpp"

namespace vaec::infer {
namespace {

using model::kCellsAHyper;

constexpr std::size_t kPredictedAtATime = 256;  // predicted at a time
constexpr int kContextRows = 8;                 // of the context network at a time

// The first `count` output channels of a layer.
model::HyperLayer leading(const model::HyperLayer& layer, std::int64_t count) {
  auto part = layer;
  part.weight.resize(part.weight.size() / static_cast<std::size_t>(part.shape.out) *
                     static_cast<std::size_t>(count));
  for (auto* v : {&part.bias, &part.multiplier, &part.shift, &part.minimum, &part.maximum}) {
    v->resize(static_cast<std::size_t>(count));
  }
  part.shape.out = count;
  return part;
}

template <typename T>
void compand(const std::int32_t* from, std::size_t count, T* to) {
  for (std::size_t i = 0; i < count; ++i) to[i] = number_cast<T>(static_cast<float>(model::compand(from[i])));
}

}  // namespace

IntegerKernel fastest_integer_kernel() {
  if (has_int8()) return IntegerKernel::kInt8;
  return has_bf16() ? IntegerKernel::kBFloat16 : IntegerKernel::kFloat32;
}

namespace {

Number feature_number(IntegerKernel kernel) {
  return kernel == IntegerKernel::kInt8       ? Number::kU8
         : kernel == IntegerKernel::kBFloat16 ? Number::kBF16
                                              : Number::kF32;
}

Number context_number(IntegerKernel kernel) {
  return kernel == IntegerKernel::kFloat32 || !has_bf16() ? Number::kF32 : Number::kBF16;
}

std::vector<IntegerConv> convs(const std::vector<model::HyperLayer>& layers, Number first, Number others) {
  std::vector<IntegerConv> made;
  for (const auto& layer : layers) made.emplace_back(layer, made.empty() ? first : others);
  return made;
}

}  // namespace

HyperSynthesis::HyperSynthesis(const model::PhotoConfig& config, const std::vector<model::HyperLayer>& trunk,
                               const std::vector<model::HyperLayer>& lf,
                               const std::vector<model::HyperLayer>& first,
                               const std::vector<model::HyperLayer>& context,
                               const std::vector<model::HyperLayer>& second, IntegerKernel kernel)
    : config_(config),
      number_(feature_number(kernel)),
      context_number_(context_number(kernel)),
      trunk_(convs(trunk, kernel == IntegerKernel::kInt8 ? Number::kS8 : number_, number_)),
      second_(convs(second, number_, number_)),
      lf_(lf.front(), number_),
      first_(first.front(), number_),
      first_means_(leading(first.front(), config.latent), number_),
      context_(context.front(), context_number_) {}

// One band in work. T: the features' type in memory.
template <typename T>
class HyperSynthesis::Run {
 public:
  Run(const HyperSynthesis& networks, const HyperLatent& z, const LfImage& lf, int quality,
      const LatentBand& band, std::int32_t* latent)
      : h_(networks),
        z_(z),
        lf_(lf),
        quality_(quality),
        top_(band.top),
        rows_(band.rows()),
        columns_(band.columns),
        latents_(static_cast<std::size_t>(h_.config_.latent)),
        trunk_width_(padded_channels(h_.config_.hyper_width)),
        width_(padded_channels(h_.config_.hyper_width + h_.config_.lf_width)),
        narrow_(padded_channels(h_.config_.context_width)),
        latent_(latent),
        means_(kPredictedAtATime * latents_),
        scales_(kPredictedAtATime * latents_),
        sums_(kPredictedAtATime * sizeof(float) *
              std::max(2 * latents_, static_cast<std::size_t>(h_.config_.hyper_width))) {}

  // The features of the band's positions: what trunk and lf draw, one behind the other.
  void predict_features() {
    const base::StageTimer timer(base::Stage::kHyperSynthesis);
    features_.assign(static_cast<std::size_t>(rows_) * columns_ * width_, T{});
    draw_from_hyper();
    draw_from_lf();
  }

  // From whole rows of z with the rows around it that they depend on.
  void draw_from_hyper() {
    const int first = std::max(0, top_ / kCellsAHyper - kHyperHalo),
              last = std::min(z_.rows, (top_ + rows_ + kCellsAHyper - 1) / kCellsAHyper + kHyperHalo);
    const auto in = hyper_input(first, last);
    int rows = last - first, columns = z_.columns;
    auto drawn = layer(h_.trunk_[0], in.data(), rows, columns);
    for (std::size_t i = 1; i < h_.trunk_.size(); ++i) {
      rows *= h_.trunk_[i - 1].upsample();
      columns *= h_.trunk_[i - 1].upsample();
      drawn = layer(h_.trunk_[i], drawn.data(), rows, columns);
    }
    const auto wide = static_cast<std::size_t>(h_.config_.hyper_width);
    for (int row = 0; row < rows_; ++row) {
      const auto* from =
          drawn.data() + static_cast<std::size_t>(top_ - first * kCellsAHyper + row) * columns * trunk_width_;
      auto* to = features_.data() + static_cast<std::size_t>(row) * columns_ * width_;
      for (int column = 0; column < columns_; ++column, from += trunk_width_, to += width_) {
        std::copy_n(from, wide, to);
      }
    }
  }

  // From the slopes of the LF image, with a row more on each side.
  void draw_from_lf() {
    const int first = std::max(0, top_ - 1), end = std::min(lf_.rows, top_ + rows_ + 1);
    const auto& l = h_.lf_;
    const auto channels = padded_channels(model::kLfPlanes * lf_.channels);
    std::vector<T> planes(static_cast<std::size_t>(end - first) * columns_ * channels, T{});
    auto* to = planes.data();
    for (int row = first; row < end; ++row) {
      for (int column = 0; column < columns_; ++column, to += channels) slopes(row, column, to);
    }
    auto* sums = trunk_sums_.reserve_as<float>(static_cast<std::size_t>(rows_) * columns_ * l.out());
    l.conv().run({end - first, columns_, top_ == 0 ? 1 : 0, top_ + rows_ == lf_.rows ? 1 : 0}, planes.data(),
                 sums);
    auto* feature = features_.data() + h_.config_.hyper_width;
    for (std::size_t i = 0; i < static_cast<std::size_t>(rows_) * columns_; ++i, feature += width_) {
      l.requantize(sums + i * l.out(), 0, l.out(), feature);
    }
  }

  void code_even(const CodePosition& code) {
    Buffer gathered;
    auto* features = gathered.reserve_as<T>(kPredictedAtATime * width_);
    for_each_piece(0, [&](std::size_t begin, std::size_t n) {
      {
        const base::StageTimer timer(base::Stage::kHyperSynthesis);
        gather_features(begin, n, 0, features);
        h_.first_.conv().run_pointwise(n, features, sums());
        h_.first_.requantize_all(sums(), n, 0, latents_, means_.data(), latents_);
        h_.first_.requantize_all(sums(), n, latents_, latents_, scales_.data(), latents_);
      }
      code_piece(code, begin, n, 0);
    });
  }

  // What the odd positions see of the even ones: a few rows at a time, with a row more on each side.
  void predict_context() {
    const base::StageTimer timer(base::Stage::kContext);
    context_.assign(count_of(1) * narrow_, T{});
    for (int first = 0; first < rows_; first += kContextRows) {
      const auto plan = plan_strip(3, 1, first, std::min(rows_, first + kContextRows + 1), rows_);
      if (h_.context_number_ == Number::kF32) {
        context_strip<float>(plan);
      } else {
        context_strip<BFloat16>(plan);
      }
    }
  }

  void code_odd(const CodePosition& code) {
    const auto wide = static_cast<std::size_t>(h_.config_.hyper_width + h_.config_.lf_width),
               narrow = static_cast<std::size_t>(h_.config_.context_width),
               joined = padded_channels(static_cast<std::int64_t>(wide + narrow));
    std::vector<T> features(kPredictedAtATime * width_), both(kPredictedAtATime * joined, T{}),
        hidden(kPredictedAtATime * trunk_width_, T{});
    std::vector<std::int32_t> added(kPredictedAtATime * latents_);
    const auto& inner = h_.second_[0];
    const auto& outer = h_.second_[1];
    for_each_piece(1, [&](std::size_t begin, std::size_t n) {
      {
        const base::StageTimer timer(base::Stage::kContext);
        gather_features(begin, n, 1, features.data());
        h_.first_means_.conv().run_pointwise(n, features.data(), sums());
        h_.first_means_.requantize_all(sums(), n, 0, latents_, means_.data(), latents_);
        for (std::size_t i = 0; i < n; ++i) {
          std::copy_n(features.data() + i * width_, wide, both.data() + i * joined);
          std::copy_n(context_.data() + (begin + i) * narrow_, narrow, both.data() + i * joined + wide);
        }
        inner.conv().run_pointwise(n, both.data(), sums());
        inner.requantize_all(sums(), n, 0, inner.out(), hidden.data(), trunk_width_);
        outer.conv().run_pointwise(n, hidden.data(), sums());
        outer.requantize_all(sums(), n, 0, latents_, added.data(), latents_);
        outer.requantize_all(sums(), n, latents_, latents_, scales_.data(), latents_);
        for (std::size_t i = 0; i < n * latents_; ++i) means_[i] += added[i];  // the means add up
      }
      code_piece(code, begin, n, 1);
    });
  }

 private:
  // The sign of z needs its own 8-bit type.
  using Z = std::conditional_t<std::is_same_v<T, std::uint8_t>, std::int8_t, T>;

  [[nodiscard]] float* sums() { return reinterpret_cast<float*>(sums_.data()); }

  // Of one position: model::kLfPlanes of each channel.
  void slopes(int row, int column, T* to) const {
    const auto channels = static_cast<std::size_t>(lf_.channels);
    const auto* here =
        lf_.values.data() +
        (static_cast<std::size_t>(row) * lf_.columns + static_cast<std::size_t>(column)) * channels;
    const auto put = [&](std::int32_t from, std::int32_t up, T* two) {
      const auto slope = model::compand(model::kMeanUnit / entropy::kLfUnit * (up - from));
      two[0] = number_cast<T>(static_cast<float>(std::max(slope, 0)));
      two[1] = number_cast<T>(static_cast<float>(std::max(-slope, 0)));
    };
    for (std::size_t c = 0; c < channels; ++c, to += model::kLfPlanes) {
      if (column + 1 < lf_.columns) put(here[c], here[channels + c], to);
      if (row + 1 < lf_.rows)
        put(here[c], here[channels * static_cast<std::size_t>(lf_.columns) + c], to + 2);
    }
  }

  // Rows of z with the quality plane behind its channels.
  [[nodiscard]] std::vector<Z> hyper_input(int first, int last) const {
    const auto channels = padded_channels(z_.channels + 1);
    const auto positions = static_cast<std::size_t>(last - first) * z_.columns;
    std::vector<Z> in(positions * channels, Z{});
    const auto* from = z_.values.data() + static_cast<std::size_t>(first) * z_.columns * z_.channels;
    for (auto* to = in.data(); to != in.data() + in.size(); to += channels, from += z_.channels) {
      for (int c = 0; c < z_.channels; ++c) to[c] = number_cast<Z>(from[c]);
      to[z_.channels] = number_cast<Z>(static_cast<float>(quality_ - model::kQualityCentre));
    }
    return in;
  }

  // A layer of the trunk with its depth_to_space.
  template <typename In>
  std::vector<T> layer(const IntegerConv& l, const In* in, int rows, int columns) {
    const int pad = l.conv().weights().kernel / 2, r = l.upsample();
    auto* sums = trunk_sums_.reserve_as<float>(static_cast<std::size_t>(rows) * columns * l.out());
    l.conv().run({rows, columns, pad, pad}, in, sums);
    const auto channels = l.out() / static_cast<std::size_t>(r * r),
               stored = padded_channels(static_cast<std::int64_t>(channels)),
               line = static_cast<std::size_t>(columns) * r;  // positions in a row of the result
    std::vector<T> to(static_cast<std::size_t>(rows) * r * line * stored, T{});
#pragma omp parallel for
    for (int row = 0; row < rows; ++row) {
      for (int column = 0; column < columns; ++column) {
        const auto* from = sums + (static_cast<std::size_t>(row) * columns + column) * l.out();
        for (int cell = 0; cell < r * r; ++cell) {
          const auto at = static_cast<std::size_t>(row * r + cell / r) * line +
                          static_cast<std::size_t>(column * r + cell % r);
          const auto c = static_cast<std::size_t>(cell) * channels;
          l.requantize(from + c, c, channels, to.data() + at * stored);
        }
      }
    }
    return to;
  }

  template <typename In>
  void context_strip(const StripPlan& plan) {
    const auto& l = h_.context_;
    const auto channels = padded_channels(h_.config_.latent),
               line = static_cast<std::size_t>(columns_) * channels;
    const int source_rows = plan.source_end - plan.source_first;
    auto* in = context_in_.reserve_as<In>(line * static_cast<std::size_t>(source_rows));
    std::memset(in, 0, line * static_cast<std::size_t>(source_rows) * sizeof(In));
#pragma omp parallel for
    for (int row = plan.source_first; row < plan.source_end; ++row) {
      for (int column = row % 2; column < columns_; column += 2) {
        compand(latent_ + (static_cast<std::size_t>(row) * columns_ + column) * latents_, latents_,
                in + static_cast<std::size_t>(row - plan.source_first) * line + column * channels);
      }
    }
    auto* sums =
        context_sums_.reserve_as<float>(static_cast<std::size_t>(plan.end - plan.first) * columns_ * l.out());
    l.conv().run({source_rows, columns_, plan.zeros_above, plan.zeros_below}, in, sums);
#pragma omp parallel for
    for (int row = plan.first; row < plan.end; ++row) {
      const auto begin = static_cast<std::size_t>(row) * columns_ / 2,
                 end = static_cast<std::size_t>(row + 1) * columns_ / 2;  // of the second pass, in this row
      for (auto i = begin; i < end; ++i) {
        const auto at = position_of(i, 1) - static_cast<std::size_t>(plan.first) * columns_;
        l.requantize(sums + at * l.out(), 0, l.out(), context_.data() + i * narrow_);
      }
    }
  }

  // The positions of a pass in raster order: of two that follow one another each pass has one.
  [[nodiscard]] std::size_t count_of(std::size_t pass) const {
    return (static_cast<std::size_t>(rows_) * columns_ + 1 - pass) / 2;
  }
  // Which of the two it is alternates with the rows, but an odd number of columns makes up for that.
  [[nodiscard]] std::size_t position_of(std::size_t i, std::size_t pass) const {
    const auto columns = static_cast<std::size_t>(columns_), row = columns % 2 == 0 ? 2 * i / columns : 0;
    return 2 * i + (row + pass) % 2;
  }
  // Calls use(begin, count) for all of them, some at a time.
  template <typename Use>
  void for_each_piece(std::size_t pass, const Use& use) const {
    const auto count = count_of(pass);
    for (std::size_t begin = 0; begin < count; begin += kPredictedAtATime) {
      use(begin, std::min(kPredictedAtATime, count - begin));
    }
  }
  void gather_features(std::size_t begin, std::size_t n, std::size_t pass, T* to) const {
    for (std::size_t i = 0; i < n; ++i) {
      std::copy_n(features_.data() + position_of(begin + i, pass) * width_, width_, to + i * width_);
    }
  }
  void code_piece(const CodePosition& code, std::size_t begin, std::size_t n, std::size_t pass) {
    const base::StageTimer timer(base::Stage::kRangeCoder);
    for (std::size_t i = 0; i < n; ++i) {
      const auto at = position_of(begin + i, pass);
      code(at, means_.data() + i * latents_, scales_.data() + i * latents_, latent_ + at * latents_);
    }
  }

  const HyperSynthesis& h_;
  const HyperLatent& z_;
  const LfImage& lf_;
  int quality_, top_, rows_, columns_;
  std::size_t latents_, trunk_width_, width_, narrow_;  // channels, padded but for the latent's
  std::int32_t* latent_;
  std::vector<T> features_, context_;  // at every position; at those of the second pass
  std::vector<std::int32_t> means_;    // of a piece
  std::vector<std::uint8_t> scales_;
  Buffer sums_, trunk_sums_, context_in_, context_sums_;
};

void HyperSynthesis::run(const HyperLatent& z, const LfImage& lf, int quality, const LatentBand& band,
                         const Passes& passes, std::int32_t* latent) const {
  const auto run_as = [&]<typename T>(T) {
    Run<T> run(*this, z, lf, quality, band, latent);
    run.predict_features();
    run.code_even(passes.even);
    run.predict_context();
    run.code_odd(passes.odd);
  };
  switch (number_) {
    case Number::kU8:
      return run_as(std::uint8_t{});
    case Number::kBF16:
      return run_as(BFloat16{});
    default:
      return run_as(float{});
  }
}

}  // namespace vaec::infer
