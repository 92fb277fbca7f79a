#include "codec/lf_coder.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <string>

#include "base/stage.hpp"
#include "vaec/error.hpp"

namespace vaec::codec {
namespace {

// The tables of a channel.
const entropy::FrequencyTable* tables_of(const infer::PhotoModel& model, std::size_t channel) {
  return &model.lf_tables()[channel * entropy::kPredictedTables];
}

}  // namespace

LfEncoder::LfEncoder(const infer::PhotoModel& model, int rows, int columns, bool choose_values)
    : model_(model),
      choose_values_(choose_values),
      image_{rows, columns, static_cast<int>(model.config().lf.size()), {}},
      precision_(columns),
      predictor_(columns, image_.channels) {
  image_.values.reserve(static_cast<std::size_t>(rows) * static_cast<std::size_t>(columns) *
                        static_cast<std::size_t>(image_.channels));
}

void LfEncoder::push(const float* y) {
  for (int column = 0; column < image_.columns; ++column, y += model_.config().latent) {
    for (const int channel : model_.config().lf) waiting_.push_back(y[channel]);
  }
  ++pushed_;
  if (pushed_ % entropy::kLfTile == 0 || pushed_ == image_.rows) code();
}

void LfEncoder::code() {
  const base::StageTimer timer(base::Stage::kRangeCoder);
  const auto channels = static_cast<std::size_t>(image_.channels);
  const auto smooth = entropy::smooth_tiles(waiting_.data(), coded_ > 0 ? above_.data() : nullptr,
                                            pushed_ - coded_, image_.columns, image_.channels);
  const auto* y = waiting_.data();
  for (const int top = coded_; coded_ < pushed_; ++coded_) {
    for (int column = 0; column < image_.columns; ++column) {
      if (coded_ == top && column % entropy::kLfTile == 0) {
        precision_.encode(coder_, smooth[static_cast<std::size_t>(column / entropy::kLfTile)] != 0);
      }
      for (std::size_t c = 0; c < channels; ++c) {
        const auto predicted = predictor_.next(precision_.step(column));
        const auto& table = tables_of(model_, c)[predicted.table];
        const auto value =
            choose_values_ ? entropy::choose_lf(*y, predicted, table) : entropy::quantize_lf(*y, predicted);
        ++y;
        table.encode(coder_, predicted.symbol_of(value));
        predictor_.put(value);
        image_.values.push_back(value);
      }
    }
  }
  const auto row_values = static_cast<std::ptrdiff_t>(channels) * image_.columns;
  above_.assign(waiting_.end() - row_values, waiting_.end());
  waiting_.clear();
}

infer::LfImage decode_lf(const infer::PhotoModel& model, std::span<const std::byte> stream, int rows,
                         int columns) {
  const base::StageTimer timer(base::Stage::kRangeCoder);
  infer::LfImage image{rows, columns, static_cast<int>(model.config().lf.size()), {}};
  const auto channels = static_cast<std::size_t>(image.channels);
  image.values.reserve(static_cast<std::size_t>(rows) * static_cast<std::size_t>(columns) * channels);
  entropy::LfPrecision precision(columns);
  entropy::LfPredictor predictor(columns, image.channels);
  try {
    entropy::RangeDecoder coder(stream);
    for (int row = 0; row < rows; ++row) {
      for (int column = 0; column < columns; ++column) {
        if (row % entropy::kLfTile == 0 && column % entropy::kLfTile == 0) precision.decode(coder);
        for (std::size_t c = 0; c < channels; ++c) {
          const auto predicted = predictor.next(precision.step(column));
          const auto value = predicted.value_of(tables_of(model, c)[predicted.table].decode(coder));
          if (std::abs(value) > entropy::kLfMaximum) {
            throw Error(ErrorCode::kCorrupt, "value " + std::to_string(value) + " is not in -2^21..2^21");
          }
          predictor.put(value);
          image.values.push_back(value);
        }
      }
    }
    coder.expect_end();
  } catch (const Error& error) {
    throw Error(error.code(), std::string("LF image stream: ") + error.what());
  }
  return image;
}

}  // namespace vaec::codec
