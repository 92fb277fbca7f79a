#include "nn/photo_file.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>
#include <string_view>
#include <type_traits>

#include "model/hyper_layers.hpp"
#include "model/model_file.hpp"
#include "nn/synthesis_quantizer.hpp"
#include "nn/tensor_io.hpp"
#include "vaec/error.hpp"

namespace vaec::nn {
namespace {

// Frequency tables, one after the other: "NAME.first" and "NAME.length" [count] int32,
// "NAME.frequencies" uint16; one like the one before has a length of 0.
void put_tables(TensorWriter& out, const std::string& name, const std::vector<entropy::TableData>& tables) {
  std::vector<std::int32_t> first, length;
  std::vector<std::uint16_t> frequencies;
  for (std::size_t i = 0; i < tables.size(); ++i) {
    const auto& table = tables[i];
    first.push_back(table.first);
    if (i > 0 && table.first == tables[i - 1].first && table.frequencies == tables[i - 1].frequencies) {
      length.push_back(0);
      continue;
    }
    length.push_back(static_cast<std::int32_t>(table.frequencies.size()));
    frequencies.insert(frequencies.end(), table.frequencies.begin(), table.frequencies.end());
  }
  out.put(name + ".first", first);
  out.put(name + ".length", length);
  out.put(name + ".frequencies", frequencies);
}

constexpr std::string_view kSynthesisPart = "g_s.";
const char* const kFloatParts[] = {"g_a.", "g_s.", "h_a."};
const char* const kDensityParts[] = {"lf_density.", "hyper_density."};  // in training alone

template <std::size_t N>
bool is_of(const std::string& name, const char* const (&parts)[N]) {
  return std::any_of(std::begin(parts), std::end(parts),
                     [&](const char* part) { return name.starts_with(part); });
}

template <typename T>
torch::Tensor tensor_of(const std::vector<T>& values, torch::ScalarType type,
                        std::vector<std::int64_t> shape) {
  return torch::from_blob(const_cast<T*>(values.data()), shape, type).clone();
}

// Latents of made pictures, smooth and rough ones.
std::vector<DecodedLatent> made_latents(TwoLevelVae& vae) {
  constexpr std::int64_t kSide = 64;
  std::vector<DecodedLatent> latents;
  const auto device = vae->log_gain.device();
  const auto ramp = torch::linspace(0, 1, kSide);
  for (const int q : {kMinQuality, kDefaultQuality, kMaxQuality}) {
    const auto wave = (torch::outer(ramp, ramp) * q).sin();  // up to a dozen waves
    const auto x = (torch::stack({wave, wave.t() * 0.5, 1 - ramp.expand({kSide, kSide})}) * 0.5 + 0.5)
                       .unsqueeze(0)
                       .to(device);
    const auto quality = torch::full({1}, static_cast<float>(q), x.options());
    const auto y = vae->analysis(x.contiguous(at::MemoryFormat::ChannelsLast)) * vae->gain(quality, true);
    latents.push_back({(y.round() * model::kMeanUnit).to(torch::kInt32).cpu(), q});
  }
  return latents;
}

void put_layers(TensorWriter& out, const model::SynthesisLayers& layers) {
  const std::string prefix = model::kSynthesisPrefix;
  const auto put = [&](const std::string& name, const std::vector<std::int32_t>& values,
                       std::vector<std::int64_t> shape) {
    out.put(prefix + name, tensor_of(values, torch::kInt32, std::move(shape)));
  };
  const auto latent = static_cast<std::int64_t>(layers.gain.shift.size());
  put("gain", layers.gain.gain, {kMaxQuality, latent});
  put("gain_shift", layers.gain.shift, {latent});
  put("stem.quality", layers.stem_quality, {layers.stem.out});
  model::for_each_layer(layers, [&](const std::string& name, const auto& layer) {
    constexpr bool kIsWide = std::is_same_v<std::decay_t<decltype(layer)>, model::WideLayer>;
    out.put(prefix + name + ".weight", tensor_of(layer.weight, kIsWide ? torch::kInt16 : torch::kInt8,
                                                 {layer.out, layer.in, layer.kernel, layer.kernel}));
    put(name + ".bias", layer.bias, {layer.out});
    put(name + ".shift", {layer.shift}, {1});
    if constexpr (!kIsWide) {
      put(name + ".multiplier", layer.multiplier, {layer.out});
      if (layer.sees_stream) put(name + ".input", layer.input, {layer.in});
    }
  });
}

IntegerNetwork load_part(const model::SafeTensors& file, const model::PhotoConfig& config,
                         const std::string& part) {
  std::vector<IntegerLayer> layers;
  for (const auto& from : model::load_hyper_layers(file, config, part)) {
    const auto& s = from.shape;
    const auto integers = [&](const std::vector<std::int32_t>& values) {
      return tensor_of(values, torch::kInt32, {s.out});
    };
    layers.push_back({tensor_of(from.weight, torch::kInt8, {s.out, s.in, s.kernel, s.kernel}),
                      integers(from.bias), integers(from.multiplier), integers(from.shift),
                      integers(from.minimum), integers(from.maximum), s.upsample});
  }
  return IntegerNetwork(std::move(layers), model::hyper_input_bound(part));
}

IntegerHyperSynthesis load_hyper_synthesis(const model::SafeTensors& file, const model::PhotoConfig& config) {
  return IntegerHyperSynthesis(load_part(file, config, "trunk"), load_part(file, config, "lf"),
                               load_part(file, config, "first"), load_part(file, config, "context"),
                               load_part(file, config, "second"));
}

// Fills the parameters of `module`, which stand under `prefix` in the file.
void load_parameters(const model::SafeTensors& file, const std::string& prefix, torch::nn::Module& module,
                     model::DType type = model::DType::kF16) {
  const torch::NoGradGuard no_grad;
  for (auto& parameter : module.named_parameters()) {
    auto& p = parameter.value();
    p.copy_(read_tensor(file, prefix + parameter.key(), type, p.sizes().vec()));
  }
  to_channels_last(module);
  for (auto& p : module.parameters()) p.set_requires_grad(false);
}

// Weights and biases of g_a, g_s and h_a, as large as a configuration says.
std::int64_t transform_weights(const model::PhotoConfig& config) {
  const auto conv = [](std::int64_t in, std::int64_t out, std::int64_t kernel) {
    return out * (in * kernel * kernel + 1);
  };
  constexpr std::int64_t kBlock = 3 * model::kLatentStride * model::kLatentStride, kCell = 3 * 4 * 4;
  const std::int64_t latent = config.latent, width = config.hyper_width;
  std::int64_t count =
      conv(latent + 1, width, 1) + conv(width, width, 5) + conv(width, config.hyper, 5);  // h_a
  for (const auto* side : {&config.analysis, &config.synthesis}) {
    const auto& c = side->channels;
    for (std::size_t stage = 0; stage < c.size(); ++stage)
      count += 2 * side->blocks[stage] * conv(c[stage], c[stage], 3);
  }
  const auto &down = config.analysis.channels, &up = config.synthesis.channels;
  count += conv(kBlock, latent, 1) + conv(kCell, down[0], 3) + conv(4 * down[0], down[1], 1) +
           conv(4 * down[1], down[2], 1) + conv(down[2], latent, 1);
  count += conv(latent, kBlock, 1) + conv(latent + 1, up[2], 1) + conv(up[2], 4 * up[1], 1) +
           conv(up[1], 4 * up[0], 1) + conv(up[0], kCell, 3);
  if (config.analysis.skip) count += conv(down[0], kCell, 1);
  if (config.synthesis.skip) count += conv(kCell, up[0], 3);
  return count;
}

// Before networks of these sizes are made: a small file could ask for gigabytes.
void check_sizes(const model::SafeTensors& file, const model::PhotoConfig& config) {
  std::int64_t found = 0;
  for (const auto& [name, tensor] : file.tensors()) {
    if (is_of(name, kFloatParts))
      found += static_cast<std::int64_t>(tensor.data.size() / model::size_of(tensor.dtype));
  }
  if (const auto expected = transform_weights(config); found != expected) {
    throw Error(ErrorCode::kModel, "model: g_a, g_s and h_a have " + std::to_string(found) +
                                       " weights, its configuration asks for " + std::to_string(expected));
  }
}

}  // namespace

void save_photo(TwoLevelVae& vae, const std::filesystem::path& file, const std::string& card,
                const LatentStatistics* statistics) {
  const torch::NoGradGuard no_grad;
  TensorWriter out;
  for (const auto& parameter : vae->named_parameters()) {
    if (is_of(parameter.key(), kFloatParts)) {
      const bool of_synthesis = parameter.key().starts_with(kSynthesisPart);
      const auto value = of_synthesis ? vae->synthesis->rounded(parameter.key().substr(kSynthesisPart.size()))
                                      : parameter.value();
      out.put(parameter.key(), value.to(torch::kHalf));
    }
    if (is_of(parameter.key(), kDensityParts)) out.put(parameter.key(), parameter.value());
  }
  out.put("log_gain", vae->log_gain);
  out.put("log_inverse_gain", vae->log_inverse_gain);
  const auto networks = vae->hyper_synthesis->quantized();
  for (const std::string part : model::kHyperParts) {
    const auto& layers = networks.part(part).layers();
    for (std::size_t i = 0; i < layers.size(); ++i) {
      const auto name = model::hyper_layer_name(part, i);
      out.put(name + "weight", layers[i].weight);
      out.put(name + "bias", layers[i].bias);
      out.put(name + "multiplier", layers[i].multiplier);
      out.put(name + "shift", layers[i].shift);
      out.put(name + "minimum", layers[i].minimum);
      out.put(name + "maximum", layers[i].maximum);
    }
  }
  LatentStatistics nothing(vae->config());
  if (statistics == nullptr) nothing.fit();
  const auto& measured = statistics != nullptr ? *statistics : nothing;
  put_layers(out,
             quantize_synthesis(vae, measured.decoded().empty() ? made_latents(vae) : measured.decoded()));
  put_tables(out, "tables.y", measured.tables());
  const auto& context = measured.context();
  out.put(model::kContextWeights, tensor_of(context.weights, torch::kInt8,
                                            {vae->config().levels, entropy::kContextPasses,
                                             entropy::kContextNeighbours, vae->config().latent}));
  out.put(model::kContextExpected, context.expected);
  const auto& predictors = measured.predictors();
  put_tables(out, "tables.lf", predictors.lf_tables());
  put_tables(out, "tables.z", predictors.hyper_tables());
  const auto& hyper = predictors.hyper();
  const std::int64_t levels = vae->config().levels, channels = vae->config().hyper;
  out.put(model::kHyperMeans, tensor_of(hyper.means, torch::kInt32, {levels, channels}));
  out.put(model::kHyperExpected, tensor_of(hyper.expected, torch::kInt32, {levels, channels}));
  out.put(model::kHyperWeights,
          tensor_of(hyper.weights, torch::kInt8, {levels, entropy::kHyperNeighbours, channels}));
  out.write(file, {{"format", "vaec"},
                   {model::kArchitectureKey, "photo"},
                   {model::kConfigKey, vae->config().to_json()},
                   {model::kCardKey, card}});
}

TwoLevelVae trainable(const model::SafeTensors& file, const model::TransformSizes& sizes) {
  const auto config = model::PhotoConfig::from_file(file);
  if (!config.distortion.is_known()) {
    throw Error(ErrorCode::kModel, "model: trained for a distortion that needs a newer vaec");
  }
  check_sizes(file, config);
  const auto hyper_synthesis = load_hyper_synthesis(file, config);  // of the sizes that its tensors have
  auto grown = config;
  grown.set(sizes);
  TwoLevelVae vae(grown);
  {
    Analysis analysis(config);
    Synthesis synthesis(config);
    load_parameters(file, "g_a.", *analysis);
    load_parameters(file, "g_s.", *synthesis);
    vae->analysis->grow_from(*analysis);
    vae->synthesis->grow_from(*synthesis);
  }
  load_parameters(file, "h_a.", *vae->hyper_analysis);
  {
    const torch::NoGradGuard no_grad;
    vae->hyper_synthesis->set_from(hyper_synthesis);
    vae->log_gain.copy_(read_tensor(file, "log_gain", model::DType::kF32, vae->log_gain.sizes().vec()));
    vae->log_inverse_gain.copy_(
        read_tensor(file, "log_inverse_gain", model::DType::kF32, vae->log_inverse_gain.sizes().vec()));
  }
  load_parameters(file, "lf_density.", *vae->lf_density, model::DType::kF32);
  load_parameters(file, "hyper_density.", *vae->hyper_density, model::DType::kF32);
  for (auto& p : vae->parameters()) p.set_requires_grad(true);
  return vae;
}

}  // namespace vaec::nn
