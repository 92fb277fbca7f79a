#include "nn/gaussian_vae_config.hpp"

#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/json.hpp"
#include "model/model_file.hpp"
#include "vaec/error.hpp"

namespace vaec::nn {
namespace {

using Config = GaussianVaeConfig;

[[noreturn]] void fail_config(const std::string& what) {
  throw Error(ErrorCode::kModel, "model config: " + what);
}

void check_range(const char* name, int value, int least, int most) {
  if (value < least || value > most) {
    fail_config("'" + std::string(name) + "' is " + std::to_string(value) + ", expected " +
                std::to_string(least) + ".." + std::to_string(most));
  }
}

constexpr std::array<std::pair<Net, const char*>, 2> kNets{{{Net::kConv, "conv"}, {Net::kDense, "dense"}}};
constexpr std::array<std::pair<Activation, const char*>, 4> kActivations{{{Activation::kSilu, "silu"},
                                                                          {Activation::kRelu, "relu"},
                                                                          {Activation::kTanh, "tanh"},
                                                                          {Activation::kSigmoid, "sigmoid"}}};

template <typename Names>
auto value_of(const Names& names, const char* what, const std::string& name) {
  std::string known;
  for (const auto& [value, its_name] : names) {
    if (name == its_name) return value;
    known += (known.empty() ? "" : ", ") + std::string(its_name);
  }
  fail_config("'" + std::string(what) + "' is " + name.substr(0, 40) + ", expected one of " + known);
}

template <typename Names, typename Value>
const char* name_in(const Names& names, Value value) {
  for (const auto& [known, name] : names) {
    if (known == value) return name;
  }
  return "";
}

int whole(const nlohmann::json& value, const char* name) {
  if (!value.is_number_integer() || value.get<double>() < -1e9 || value.get<double>() > 1e9)
    fail_config("'" + std::string(name) + "' is " + value.dump().substr(0, 40) + ", expected a whole number");
  return value.get<int>();
}

const nlohmann::json& member(const nlohmann::json& config, const char* name) {
  const auto found = config.find(name);
  if (found == config.end()) fail_config("'" + std::string(name) + "' is missing");
  return *found;
}

}  // namespace

std::int64_t Config::features() const {
  if (net == Net::kDense) return std::int64_t{colours} * rows * columns;
  return std::int64_t{2} * channels * ((rows + 3) / 4) * ((columns + 3) / 4);
}

Net net_from(const std::string& name) { return value_of(kNets, "net", name); }
Activation activation_from(const std::string& name) { return value_of(kActivations, "activation", name); }
const char* name_of(Net net) { return name_in(kNets, net); }
const char* name_of(Activation activation) { return name_in(kActivations, activation); }

void check_config(const Config& config) {
  check_range("rows", config.rows, 1, Config::kMaxSide);
  check_range("columns", config.columns, 1, Config::kMaxSide);
  check_range("latent", config.latent, 1, Config::kMaxLatent);
  check_range("channels", config.channels, 1, Config::kMaxChannels);
  if (config.colours != 1 && config.colours != 3)
    fail_config("'colours' is " + std::to_string(config.colours) + ", expected 1 or 3");
  if (config.hidden.size() > Config::kMaxHiddenLayers) {
    fail_config("'hidden' has " + std::to_string(config.hidden.size()) + " layers, expected at most " +
                std::to_string(Config::kMaxHiddenLayers));
  }
  auto before = config.features();
  std::int64_t weights = 0;
  for (const int units : config.hidden) {
    check_range("hidden", units, 1, Config::kMaxHidden);
    weights += 2 * before * units;
    before = units;
  }
  weights += 3 * before * config.latent;
  if (weights > Config::kMaxWeights) {
    fail_config("the dense layers have " + std::to_string(weights) + " weights, expected at most " +
                std::to_string(Config::kMaxWeights));
  }
  if (!(config.dropout >= 0 && config.dropout <= Config::kMaxDropout))
    fail_config("'dropout' is " + std::to_string(config.dropout) + ", expected 0..0.9");
}

std::string to_json(const Config& config) {
  return nlohmann::json{{"rows", config.rows},        {"columns", config.columns},
                        {"colours", config.colours},  {"latent", config.latent},
                        {"net", name_of(config.net)}, {"channels", config.channels},
                        {"hidden", config.hidden},    {"activation", name_of(config.activation)},
                        {"dropout", config.dropout}}
      .dump();
}

Config parse_gaussian_vae_config(const std::string& text) {
  const auto json = base::parse_json(text, model::kMaxConfigBytes, ErrorCode::kModel, "model config");
  if (!json.is_object()) fail_config("is no JSON object");
  model::check_version(json);
  Config config;
  config.rows = whole(member(json, "rows"), "rows");
  config.columns = whole(member(json, "columns"), "columns");
  config.latent = whole(member(json, "latent"), "latent");
  config.channels = whole(member(json, "channels"), "channels");
  config.colours = whole(member(json, "colours"), "colours");
  const auto& hidden = member(json, "hidden");
  if (!hidden.is_array()) fail_config("'hidden' is no list");
  config.hidden.clear();
  for (const auto& units : hidden) config.hidden.push_back(whole(units, "hidden"));
  const auto text_of = [&](const char* name) {
    const auto& value = member(json, name);
    if (!value.is_string()) fail_config("'" + std::string(name) + "' is no text");
    return value.get<std::string>();
  };
  config.net = net_from(text_of("net"));
  config.activation = activation_from(text_of("activation"));
  if (json.contains("dropout")) {  // decoding does not need it
    if (!json["dropout"].is_number()) fail_config("'dropout' is no number");
    config.dropout = json["dropout"].get<double>();
  }
  check_config(config);
  return config;
}

}  // namespace vaec::nn
