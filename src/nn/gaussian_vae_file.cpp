#include "nn/gaussian_vae_file.hpp"

#include <vector>

#include "model/model_file.hpp"
#include "nn/tensor_io.hpp"
#include "vaec/error.hpp"

namespace vaec::nn {
namespace {

[[noreturn]] void fail(const std::string& message) { throw Error(ErrorCode::kModel, message); }

std::string config_text(const model::SafeTensors& file) {
  const auto text = file.metadata().find(model::kConfigKey);
  if (text == file.metadata().end()) fail("model has no config");
  return text->second;
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
  model::write_safetensors(file, tensors,
                           {{model::kFormatKey, model::kFormatName},
                            {model::kArchitectureKey, kGaussianVaeArchitecture},
                            {model::kConfigKey, to_json(vae->config())},
                            {model::kCardKey, card}});
}

LoadedGaussianVae load_gaussian_vae(const model::SafeTensors& file) {
  const auto architecture = model::architecture(file);
  if (architecture != kGaussianVaeArchitecture) {
    fail("model of the architecture '" + architecture + "', expected '" + kGaussianVaeArchitecture + "'");
  }
  LoadedGaussianVae loaded{nullptr, LatentGrid::load(file)};
  loaded.vae = GaussianVae(parse_gaussian_vae_config(config_text(file)));
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
