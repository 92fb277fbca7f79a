#include "nn/gaussian_vae_file.hpp"

#include <nlohmann/json.hpp>
#include <vector>

#include "base/json.hpp"
#include "model/model_file.hpp"
#include "nn/tensor_io.hpp"
#include "vaec/error.hpp"

namespace vaec::nn {
namespace {

[[noreturn]] void fail(const std::string& message) { throw Error(ErrorCode::kModel, message); }

int config_number(const nlohmann::json& config, const char* key, int least, int most, int multiple = 1) {
  const auto found = config.find(key);
  if (found == config.end() || !found->is_number_unsigned()) {
    fail(std::string("model config: '") + key + "' is missing or no number");
  }
  const auto value = found->get<std::uint64_t>();
  if (value < static_cast<std::uint64_t>(least) || value > static_cast<std::uint64_t>(most) ||
      value % static_cast<std::uint64_t>(multiple) != 0) {
    fail(std::string("model config: '") + key + "' is " + std::to_string(value) + ", expected " +
         std::to_string(least) + ".." + std::to_string(most) +
         (multiple > 1 ? ", a multiple of " + std::to_string(multiple) : ""));
  }
  return static_cast<int>(value);
}

GaussianVaeConfig parse_config(const model::SafeTensors& file) {
  using Config = GaussianVaeConfig;
  const auto text = file.metadata().find(model::kConfigKey);
  if (text == file.metadata().end()) fail("model has no config");
  const auto json = base::parse_json(text->second, model::kMaxConfigBytes, ErrorCode::kModel, "model config");
  if (!json.is_object()) fail("model config is no JSON object");
  Config config;
  config.rows = config_number(json, "rows", Config::kSideMultiple, Config::kMaxSide, Config::kSideMultiple);
  config.columns =
      config_number(json, "columns", Config::kSideMultiple, Config::kMaxSide, Config::kSideMultiple);
  config.latent = config_number(json, "latent", 1, Config::kMaxLatent);
  config.channels = config_number(json, "channels", 1, Config::kMaxChannels);
  return config;
}

}  // namespace

void save_gaussian_vae(const std::filesystem::path& file, const GaussianVae& vae, const LatentGrid& grid,
                       const std::string& card) {
  auto tensors = grid.tensors();
  std::vector<torch::Tensor> weights;  // owns what the views point to
  for (const auto& parameter : vae->named_parameters()) {
    weights.push_back(parameter.value().detach().to(torch::kCPU, torch::kFloat32).contiguous());
    const auto& weight = weights.back();
    tensors[parameter.key()] = {model::DType::kF32, weight.sizes().vec(),
                                std::as_bytes(std::span(weight.data_ptr<float>(), weight.numel()))};
  }
  const auto& config = vae->config();
  const nlohmann::json sizes = {{"rows", config.rows},
                                {"columns", config.columns},
                                {"latent", config.latent},
                                {"channels", config.channels}};
  model::write_safetensors(file, tensors,
                           {{model::kFormatKey, model::kFormatName},
                            {model::kArchitectureKey, kGaussianVaeArchitecture},
                            {model::kConfigKey, sizes.dump()},
                            {model::kCardKey, card}});
}

LoadedGaussianVae load_gaussian_vae(const model::SafeTensors& file) {
  const auto architecture = model::architecture(file);
  if (architecture != kGaussianVaeArchitecture) {
    fail("model of the architecture '" + architecture + "', expected '" + kGaussianVaeArchitecture + "'");
  }
  LoadedGaussianVae loaded{nullptr, LatentGrid::load(file)};
  loaded.vae = GaussianVae(parse_config(file));
  loaded.vae->eval();

  const torch::NoGradGuard no_grad;
  auto parameters = loaded.vae->named_parameters();
  for (auto& parameter : parameters) {
    auto& weight = parameter.value();
    weight.copy_(read_tensor(file, parameter.key(), model::DType::kF32, weight.sizes().vec()));
    weight.set_requires_grad(false);
  }
  const auto expected = parameters.size() + loaded.grid.tensors().size();
  if (file.tensors().size() != expected) {
    fail("model has " + std::to_string(file.tensors().size()) + " tensors, expected " +
         std::to_string(expected));
  }
  return loaded;
}

}  // namespace vaec::nn
