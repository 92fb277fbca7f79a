#include "infer/photo_model.hpp"

#include "entropy/dependent_quantizer.hpp"
#include "model/tables.hpp"

namespace vaec::infer {

Number fastest_analysis_number() { return has_bf16() ? Number::kBF16 : Number::kF32; }

PhotoModel::PhotoModel(model::SafeTensors file, Number number, IntegerKernel kernel)
    : file_(std::move(file)),
      config_(model::PhotoConfig::from_file(file_)),
      number_(number),
      context_(model::load_latent_context(file_, config_)),
      y_tables_(
          model::load_tables(file_, "tables.y", std::int64_t{entropy::kTableRows} * entropy::kActivities)),
      lf_tables_(model::load_tables(
          file_, "tables.lf", static_cast<std::int64_t>(config_.lf.size()) * entropy::kPredictedTables)),
      z_tables_(model::load_tables(file_, "tables.z", entropy::kPredictedTables)),
      hyper_(model::load_hyper_tensors(file_, config_)) {
  synthesis_ = std::make_unique<Synthesis>(model::load_synthesis_layers(file_, config_), config_);
  const auto part = [&](const char* name) { return model::load_hyper_layers(file_, config_, name); };
  hyper_synthesis_ = std::make_unique<HyperSynthesis>(config_, part("trunk"), part("lf"), part("first"),
                                                      part("context"), part("second"), kernel);
}

void PhotoModel::load_encoder() const {
  std::call_once(encoder_once_, [this] {
    analysis_ = make_analysis(number_);
    hyper_analysis_ = std::make_unique<HyperAnalysis>(load_hyper_analysis(file_, config_), config_);
  });
}

std::unique_ptr<Analysis> PhotoModel::make_analysis(Number number) const {
  return std::make_unique<Analysis>(load_analysis(file_, config_), load_log_gains(file_, "log_gain", config_),
                                    config_, number);
}

const Analysis& PhotoModel::analysis(std::uint32_t bit_depth) const {
  load_encoder();
  if (bit_depth == 8 || number_ == Number::kF32) return *analysis_;
  std::call_once(deep_once_, [this] { deep_analysis_ = make_analysis(Number::kF32); });
  return *deep_analysis_;
}

const HyperAnalysis& PhotoModel::hyper_analysis() const {
  load_encoder();
  return *hyper_analysis_;
}

}  // namespace vaec::infer
