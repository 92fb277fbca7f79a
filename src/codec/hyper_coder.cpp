#include "codec/hyper_coder.hpp"

#include <cstdlib>
#include <string>

#include "base/stage.hpp"
#include "vaec/error.hpp"

namespace vaec::codec {
namespace {

entropy::HyperPredictor predictor_of(const infer::PhotoModel& model, int quality, int columns) {
  const int levels = model.config().levels;
  return {model.hyper().at(model::nearest_level(quality, levels), levels), columns};
}

const entropy::FrequencyTable& table_of(const infer::PhotoModel& model,
                                        const entropy::PredictedInteger& predicted) {
  return model.z_tables()[static_cast<std::size_t>(predicted.table)];
}

}  // namespace

HyperEncoder::HyperEncoder(const infer::PhotoModel& model, int quality, int rows, int columns,
                           bool choose_values)
    : model_(model),
      choose_values_(choose_values),
      z_{rows, columns, model.config().hyper, {}},
      predictor_(predictor_of(model, quality, columns)) {
  z_.values.reserve(static_cast<std::size_t>(rows) * columns * z_.channels);
}

void HyperEncoder::push(const float* row) {
  const base::StageTimer timer(base::Stage::kRangeCoder);
  for (std::size_t i = 0; i < static_cast<std::size_t>(z_.columns) * z_.channels; ++i) {
    const auto predicted = predictor_.next();
    const auto& table = table_of(model_, predicted);
    const auto value =
        choose_values_ ? entropy::choose_hyper(row[i], predicted, table) : entropy::quantize_hyper(row[i]);
    table.encode(coder_, predicted.symbol_of(value));
    predictor_.put(value);
    z_.values.push_back(static_cast<std::int8_t>(value));
  }
  ++coded_;
}

infer::HyperLatent decode_hyper(const infer::PhotoModel& model, std::span<const std::byte> stream,
                                int quality, int rows, int columns) {
  const base::StageTimer timer(base::Stage::kRangeCoder);
  infer::HyperLatent z{rows, columns, model.config().hyper, {}};
  z.values.resize(static_cast<std::size_t>(rows) * columns * z.channels);
  auto predictor = predictor_of(model, quality, columns);
  try {
    entropy::RangeDecoder coder(stream);
    for (auto& value : z.values) {
      const auto predicted = predictor.next();
      const auto decoded = predicted.value_of(table_of(model, predicted).decode(coder));
      if (std::abs(decoded) > model::kHyperMagnitude) {
        throw Error(ErrorCode::kCorrupt, "value " + std::to_string(decoded) + " is not in -127..127");
      }
      value = static_cast<std::int8_t>(decoded);
      predictor.put(decoded);
    }
    coder.expect_end();
  } catch (const Error& error) {
    throw Error(error.code(), std::string("hyper-latent stream: ") + error.what());
  }
  return z;
}

}  // namespace vaec::codec
