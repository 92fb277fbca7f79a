#include "codec/latent_coder.hpp"

#include <cstdlib>
#include <string>

#include "base/stage.hpp"
#include "codec/bands.hpp"
#include "codec/masking.hpp"
#include "entropy/latent_context.hpp"
#include "entropy/lf_predictor.hpp"
#include "entropy/range_coder.hpp"
#include "entropy/symbol_choice.hpp"
#include "vaec/error.hpp"

namespace vaec::codec {
namespace {

using base::Stage;
using base::StageTimer;
using model::kMeanUnit;

// How many times as much as others errors of a picture's outermost latents weigh: what these miss has latents on
// one side alone to hide it, and is seen as a stripe.
constexpr float kBorderCare = 2;
// So much that every symbol is the nearest.
constexpr float kOnlyErrors = 1e4;

}  // namespace

LatentCoder::LatentCoder(const infer::PhotoModel& model)
    : model_(model),
      bits_(model.y_tables()),
      is_lf_(model.config().is_lf()),
      lf_place_(static_cast<std::size_t>(model.config().latent), -1) {
  int place = 0;
  for (const int channel : model.config().lf) lf_place_[static_cast<std::size_t>(channel)] = place++;
}

// Chooses the symbols of a band and encodes them.
class LatentCoder::Encode {
 public:
  Encode(const LatentCoder& coder, const infer::LatentBand& band, int picture_rows, const float* y,
         int quality, bool choose_symbols)
      : coder_(coder),
        band_(band),
        picture_rows_(picture_rows),
        y_(y),
        quality_(quality),
        masks_(choose_symbols && !coder.model_.config().distortion.is_mse()),
        care_(choose_symbols ? 1 : kOnlyErrors),
        choice_(coder.bits_, coder.is_lf_),
        differences_(coder.is_lf_.size()) {}

  void begin(std::size_t position, const std::int32_t* means, const std::uint8_t* scales,
             const std::int32_t* lf, const entropy::LatentContext& context) {
    const auto channels = differences_.size();
    const auto* y = y_ + position * channels;
    for (std::size_t c = 0; c < channels; ++c) {
      if (coder_.is_lf_[c]) {
        differences_[c] = static_cast<float>(*lf++ - means[c]) / kMeanUnit;
      } else if (scales[c] <= model::kZeroScale) {
        differences_[c] = 0;
      } else {
        differences_[c] = y[c] - static_cast<float>(means[c] + context.shift(c)) / kMeanUnit;
      }
    }
    float care = care_;
    if (is_outermost(position)) care *= kBorderCare;
    if (masks_) care *= masking_care({scales, channels}, coder_.model_.config().lf, quality_);
    choice_.begin(context, differences_.data(), scales, care);
  }

  std::int32_t operator()(std::size_t channel, entropy::Quantizer quantizer, int activity,
                          const entropy::FrequencyTable& table) {
    const auto symbol = choice_.choose(channel, quantizer, activity);
    table.encode(out_, symbol);
    return symbol;
  }

  std::vector<std::byte> finish() { return out_.finish(); }

 private:
  [[nodiscard]] bool is_outermost(std::size_t position) const {
    const auto columns = static_cast<std::size_t>(band_.columns);
    const auto row = static_cast<std::size_t>(band_.top) + position / columns, column = position % columns;
    return row == 0 || row + 1 == static_cast<std::size_t>(picture_rows_) || column == 0 ||
           column + 1 == columns;
  }

  const LatentCoder& coder_;
  const infer::LatentBand& band_;
  int picture_rows_;
  const float* y_;
  int quality_;
  bool masks_;  // the model was trained for the eye
  float care_;
  entropy::SymbolChoice choice_;
  std::vector<float> differences_;  // of the position begun
  entropy::RangeEncoder out_;
};

class LatentCoder::Decode {
 public:
  explicit Decode(std::span<const std::byte> stream) : in_(stream) {}

  void begin(std::size_t, const std::int32_t*, const std::uint8_t*, const std::int32_t*,
             const entropy::LatentContext&) {}

  std::int32_t operator()(std::size_t, entropy::Quantizer, int, const entropy::FrequencyTable& table) {
    const auto symbol = table.decode(in_);
    if (std::abs(symbol) > entropy::kLargestSymbol) {
      throw Error(ErrorCode::kCorrupt, "symbol " + std::to_string(symbol) + " is not in -2^20..2^20");
    }
    return symbol;
  }

  void finish() { in_.expect_end(); }

 private:
  entropy::RangeDecoder in_;
};

template <typename Code>
void LatentCoder::code_band(const infer::HyperLatent& z, const infer::LfImage& lf, int quality,
                            const infer::LatentBand& band, std::int32_t* latent, Code& code) const {
  constexpr std::int32_t kFromLf = kMeanUnit / entropy::kLfUnit;
  const auto& config = model_.config();
  const auto channels = static_cast<std::size_t>(config.latent),
             lf_channels = static_cast<std::size_t>(lf.channels);
  entropy::LatentContext context(
      model_.context().at(model::nearest_level(quality, config.levels), config.levels), band.rows(),
      band.columns, config.latent);
  const auto* lf_of_band = lf.values.data() + static_cast<std::size_t>(band.top) * lf.columns * lf_channels;
  std::vector<std::int32_t> lf_here(lf_channels);
  const infer::HyperSynthesis::CodePosition code_position =
      [&](std::size_t position, const std::int32_t* means, const std::uint8_t* scales, std::int32_t* out) {
        for (std::size_t i = 0; i < lf_channels; ++i) {
          lf_here[i] = kFromLf * lf_of_band[position * lf_channels + i];
        }
        context.begin(position);
        code.begin(position, means, scales, lf_here.data(), context);
        entropy::QuantizerChain chain;
        for (std::size_t c = 0; c < channels; ++c) {
          if (lf_place_[c] >= 0) {
            out[c] = lf_here[static_cast<std::size_t>(lf_place_[c])];
            const std::int32_t residual = out[c] - means[c];
            context.put(c, 2 * std::abs((residual + kMeanUnit / 2) >> 4), scales[c], residual);
          } else if (scales[c] <= model::kZeroScale) {
            out[c] = means[c];
            context.put(c, 0, scales[c], 0);
          } else {
            const auto quantizer = chain.next(scales[c]);
            const int activity = context.activity(c);
            const auto table = entropy::table_row(scales[c], quantizer) * entropy::kActivities + activity;
            const auto symbol =
                code(c, quantizer, activity, model_.y_tables()[static_cast<std::size_t>(table)]);
            const auto residual = entropy::value_of(symbol, quantizer) + context.shift(c);
            out[c] = means[c] + residual;
            context.put(c, entropy::half_steps(symbol, quantizer), scales[c], residual);
            chain.put(symbol, quantizer);
          }
        }
      };
  model_.hyper_synthesis().run(z, lf, quality, band, {code_position, code_position}, latent);
}

std::vector<std::byte> LatentCoder::encode_band(const infer::HyperLatent& z, const infer::LfImage& lf,
                                                int quality, const infer::LatentBand& band, const float* y,
                                                bool choose_symbols, std::int32_t* latent) const {
  Encode encode(*this, band, lf.rows, y, quality, choose_symbols);
  code_band(z, lf, quality, band, latent, encode);
  return encode.finish();
}

void LatentCoder::decode_band(std::span<const std::byte> stream, const infer::HyperLatent& z,
                              const infer::LfImage& lf, int quality, const infer::LatentBand& band,
                              std::int32_t* latent) const {
  Decode decode(stream);
  code_band(z, lf, quality, band, latent, decode);
  decode.finish();
}

}  // namespace vaec::codec
