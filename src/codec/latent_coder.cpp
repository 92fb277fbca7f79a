#include "codec/latent_coder.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <optional>
#include <string>

#include "base/stage.hpp"
#include "codec/bands.hpp"
#include "entropy/hyper_predictor.hpp"
#include "entropy/latent_context.hpp"
#include "entropy/lf_predictor.hpp"
#include "entropy/range_coder.hpp"
#include "vaec/error.hpp"

namespace vaec::codec {
namespace {

using base::Stage;
using base::StageTimer;
using model::kMeanUnit;

constexpr std::int32_t kSymbolMaximum = 1 << 20;
// model::kErrorWeight for the outermost latents of a picture: what these miss has latents on one side alone to hide it,
// and is seen as a stripe.
constexpr float kBorderErrorWeight = 40;
constexpr std::int32_t kRemembered = 15;  // bits_ holds symbols up to this magnitude

std::int32_t nearest_symbol(float difference) {
  // NaN, which a forged model can produce, becomes -kLargest: the order of max's arguments matters.
  constexpr auto kLargest = static_cast<float>(kSymbolMaximum);
  return static_cast<std::int32_t>(std::nearbyint(std::min(std::max(-kLargest, difference), kLargest)));
}

}  // namespace

LatentCoder::LatentCoder(const infer::PhotoModel& model)
    : model_(model), lf_place_(static_cast<std::size_t>(model.config().latent), -1) {
  for (const auto& table : model.y_tables()) {
    for (auto v = -kRemembered; v <= kRemembered; ++v) bits_.push_back(static_cast<float>(table.bits(v)));
  }
  int place = 0;
  for (const int channel : model.config().lf) lf_place_[static_cast<std::size_t>(channel)] = place++;
}

template <typename CodeValue>
void LatentCoder::code_hyper(std::size_t count, int columns, int quality, const CodeValue& code) const {
  const auto& config = model_.config();
  entropy::HyperPredictor predictor(
      model_.hyper().at(model::nearest_level(quality, config.levels), config.levels), columns);
  for (std::size_t i = 0; i < count; ++i) predictor.put(code(i, predictor.next()));
}

std::vector<std::byte> LatentCoder::encode_hyper(const infer::HyperLatent& z, int quality) const {
  const base::StageTimer timer(base::Stage::kRangeCoder);
  entropy::RangeEncoder coder;
  code_hyper(z.values.size(), z.columns, quality,
             [&](std::size_t i, const entropy::PredictedInteger& predicted) {
               const std::int32_t value = z.values[i];
               model_.z_tables()[static_cast<std::size_t>(predicted.table)].encode(
                   coder, predicted.symbol_of(value));
               return value;
             });
  return coder.finish();
}

infer::HyperLatent LatentCoder::decode_hyper(std::span<const std::byte> stream, int quality, int rows,
                                             int columns) const {
  const base::StageTimer timer(base::Stage::kRangeCoder);
  infer::HyperLatent z{rows, columns, model_.config().hyper, {}};
  z.values.resize(static_cast<std::size_t>(rows) * columns * z.channels);
  try {
    entropy::RangeDecoder coder(stream);
    code_hyper(
        z.values.size(), columns, quality, [&](std::size_t i, const entropy::PredictedInteger& predicted) {
          const auto value =
              predicted.value_of(model_.z_tables()[static_cast<std::size_t>(predicted.table)].decode(coder));
          if (std::abs(value) > model::kHyperMagnitude) {
            throw Error(ErrorCode::kCorrupt, "value " + std::to_string(value) + " is not in -127..127");
          }
          z.values[i] = static_cast<std::int8_t>(value);
          return value;
        });
    coder.expect_end();
  } catch (const Error& error) {
    throw Error(error.code(), std::string("hyper-latent stream: ") + error.what());
  }
  return z;
}

// Rate-distortion optimized quantization: the nearest symbol, or its neighbour towards zero where the bits
// that this saves are worth more than the error it adds.
// The encoder's choice alone: a decoder takes any symbol.
std::int32_t LatentCoder::choose_symbol(float difference, std::size_t table, float error_weight) const {
  const auto nearest = nearest_symbol(difference);
  if (nearest == 0) return 0;
  const auto smaller = nearest > 0 ? nearest - 1 : nearest + 1;
  const float error = difference - static_cast<float>(nearest),
              larger_error = difference - static_cast<float>(smaller);
  const float added = error_weight * (larger_error * larger_error - error * error);
  const auto bits = [&](std::int32_t v) {
    if (std::abs(v) > kRemembered) return static_cast<float>(model_.y_tables()[table].bits(v));
    return bits_[table * (2 * kRemembered + 1) + static_cast<std::size_t>(v + kRemembered)];
  };
  return bits(nearest) - bits(smaller) > added ? smaller : nearest;
}

template <typename CodeLatent>
void LatentCoder::code_band(const infer::HyperLatent& z, const infer::LfImage& lf, int quality,
                            const infer::LatentBand& band, std::int32_t* latent,
                            const CodeLatent& code) const {
  const auto& config = model_.config();
  const auto channels = static_cast<std::size_t>(config.latent),
             lf_channels = static_cast<std::size_t>(lf.channels);
  std::optional<entropy::LatentContext> context;
  if (model_.context()) {
    context.emplace(model_.context()->at(model::nearest_level(quality, config.levels), config.levels),
                    band.rows(), band.columns, config.latent);
  }
  const auto* lf_of_band = lf.values.data() + static_cast<std::size_t>(band.top) * lf.columns * lf_channels;
  const infer::HyperSynthesis::CodePosition code_position =
      [&](std::size_t position, const std::int32_t* means, const std::uint8_t* scales, std::int32_t* out) {
        if (context) context->begin(position);
        for (std::size_t c = 0; c < channels; ++c) {
          if (lf_place_[c] >= 0) {
            out[c] = kMeanUnit / entropy::kLfUnit *
                     lf_of_band[position * lf_channels + static_cast<std::size_t>(lf_place_[c])];
            const std::int32_t residual = out[c] - means[c];
            if (context) context->put(c, (residual + kMeanUnit / 2) >> 4, scales[c], residual);
          } else if (scales[c] <= model::kZeroScale) {
            out[c] = means[c];
            if (context) context->put(c, 0, scales[c], 0);
          } else if (context) {
            const auto mean = means[c] + context->shift(c);
            const auto table = std::size_t{scales[c]} * entropy::kActivities +
                               static_cast<std::size_t>(context->activity(c));
            const auto symbol = code(position * channels + c, mean, table);
            out[c] = kMeanUnit * symbol + mean;
            context->put(c, symbol, scales[c], out[c] - means[c]);
          } else {
            out[c] = kMeanUnit * code(position * channels + c, means[c], scales[c]) + means[c];
          }
        }
      };
  model_.hyper_synthesis().run(z, lf, quality, band, {code_position, code_position}, latent);
}

std::vector<std::byte> LatentCoder::encode_band(const infer::HyperLatent& z, const infer::LfImage& lf,
                                                int quality, const infer::LatentBand& band, const float* y,
                                                bool choose_symbols, std::int32_t* latent) const {
  entropy::RangeEncoder coder;
  const auto* tables = model_.y_tables().data();
  const auto channels = static_cast<std::size_t>(model_.config().latent),
             columns = static_cast<std::size_t>(band.columns);
  const auto is_outermost = [&](std::size_t position) {
    const auto row = static_cast<std::size_t>(band.top) + position / columns, column = position % columns;
    return row == 0 || row + 1 == static_cast<std::size_t>(lf.rows) || column == 0 || column + 1 == columns;
  };
  auto first_of_position = static_cast<std::size_t>(band.rows()) * columns * channels;
  float error_weight = model::kErrorWeight;
  code_band(z, lf, quality, band, latent, [&](std::size_t at, std::int32_t mean, std::size_t table) {
    const float difference = y[at] - static_cast<float>(mean) / kMeanUnit;
    if (at - first_of_position >= channels) {
      first_of_position = at / channels * channels;
      error_weight = is_outermost(at / channels) ? kBorderErrorWeight : model::kErrorWeight;
    }
    const auto symbol =
        choose_symbols ? choose_symbol(difference, table, error_weight) : nearest_symbol(difference);
    tables[table].encode(coder, symbol);
    return symbol;
  });
  return coder.finish();
}

void LatentCoder::decode_band(std::span<const std::byte> stream, const infer::HyperLatent& z,
                              const infer::LfImage& lf, int quality, const infer::LatentBand& band,
                              std::int32_t* latent) const {
  entropy::RangeDecoder coder(stream);
  const auto* tables = model_.y_tables().data();
  code_band(z, lf, quality, band, latent, [&](std::size_t, std::int32_t, std::size_t table) {
    const auto symbol = tables[table].decode(coder);
    if (std::abs(symbol) > kSymbolMaximum) {
      throw Error(ErrorCode::kCorrupt, "symbol " + std::to_string(symbol) + " is not in -2^20..2^20");
    }
    return symbol;
  });
  coder.expect_end();
}

}  // namespace vaec::codec
