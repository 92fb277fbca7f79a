#include "infer/photo_model.hpp"

#include "entropy/dependent_quantizer.hpp"
#include "model/tables.hpp"
#include "vaec/error.hpp"

namespace vaec::infer {
Number transform_number(Precision precision) {
  if (precision == Precision::kBFloat16 && !can_bf16()) {
    throw Error(ErrorCode::kUsage,
                "this processor cannot compute in bfloat16 (it has no AVX-512): take fp32 or auto");
  }
  const bool bf16 = precision == Precision::kBFloat16 || (precision == Precision::kAuto && has_bf16());
  return bf16 ? Number::kBF16 : Number::kF32;
}

PhotoModel::PhotoModel(model::SafeTensors file, Precision precision, IntegerKernel kernel)
    : file_(std::move(file)),
      config_(model::PhotoConfig::from_file(file_)),
      number_(transform_number(precision)),
      context_(model::load_latent_context(file_, config_)),
      y_tables_(
          model::load_tables(file_, "tables.y", std::int64_t{entropy::kTableRows} * entropy::kActivities)),
      lf_tables_(model::load_tables(
          file_, "tables.lf", static_cast<std::int64_t>(config_.lf.size()) * entropy::kPredictedTables)),
      z_tables_(model::load_tables(file_, "tables.z", entropy::kPredictedTables)),
      hyper_(model::load_hyper_tensors(file_, config_)) {
  synthesis_ = std::make_unique<Synthesis>(
      load_synthesis(file_, config_), load_log_gains(file_, "log_inverse_gain", config_), config_, number_);
  const auto part = [&](const char* name) { return model::load_hyper_layers(file_, config_, name); };
  hyper_synthesis_ = std::make_unique<HyperSynthesis>(config_, part("trunk"), part("lf"), part("first"),
                                                      part("context"), part("second"), kernel);
}

void PhotoModel::load_encoder() const {
  std::call_once(encoder_once_, [this] {
    analysis_ = std::make_unique<Analysis>(load_analysis(file_, config_),
                                           load_log_gains(file_, "log_gain", config_), config_, number_);
    hyper_analysis_ = std::make_unique<HyperAnalysis>(load_hyper_analysis(file_, config_), config_);
  });
}

const Analysis& PhotoModel::analysis() const {
  load_encoder();
  return *analysis_;
}

const HyperAnalysis& PhotoModel::hyper_analysis() const {
  load_encoder();
  return *hyper_analysis_;
}

}  // namespace vaec::infer
