// Training of the Gaussian VAE on small images of one size.
#include <ATen/CPUGeneratorImpl.h>
#include <torch/nn/utils/convert_parameters.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "model/safetensors.hpp"
#include "nn/gaussian_vae.hpp"
#include "nn/gaussian_vae_file.hpp"
#include "nn/latent_grid.hpp"
#include "nn/torch.hpp"
#include "train/dataset.hpp"
#include "train/replicas.hpp"
#include "train/settings.hpp"
#include "train/task.hpp"
#include "vaec/error.hpp"

namespace vaec::train {
namespace {

constexpr int kDigitBatch = 128;
constexpr double kDefaultRate = 2e-3;
constexpr std::int64_t kDigitSteps = 30000;
constexpr std::int64_t kMaxHeldBack = 5000;  // validation images when no validation set is given
constexpr std::int64_t kHeldBackShare = 10;  // at most one in so many images
constexpr std::int64_t kEvaluationBatch = 500;
constexpr int kDigitPart = 16;      // images that a worker computes at once
constexpr double kUsefulKl = 0.05;  // nats; a latent below it says nothing about the image
constexpr int kTestQualities[] = {10, 25, 50, 75, 100};
constexpr std::int64_t kPreviewColumns = 16;  // pictures in a row of the preview
constexpr std::int64_t kPreviewRows = 4;      // rows of originals, each above its reconstructions

torch::Tensor to_unit(const torch::Tensor& bytes) { return bytes.to(torch::kFloat32) / 255; }

// Per image, [N], in dB, of the 8-bit reconstructions that `logits` stand for.
torch::Tensor psnr(const torch::Tensor& logits, const torch::Tensor& bytes) {
  const auto difference = nn::to_bytes(logits).to(torch::kFloat32) - bytes.to(torch::kFloat32);
  const auto mse = difference.square().mean({1, 2, 3}).clamp_min(1e-2);  // lossless counts as 68 dB
  return 10 * (255.0 * 255.0 / mse).log10();
}

// The squared error of an image's samples in 0..1, [N]: twice the variance times the negative log-likelihood of a normal
// distribution around the decoded picture, of variance 1/2 then.
torch::Tensor squared_error(const torch::Tensor& logits, const torch::Tensor& x) {
  return (torch::sigmoid(logits) - x).square().flatten(1).sum(1);
}

// Noise from a generator of its own: measuring leaves the training's
// random numbers alone and repeats exactly.
torch::Tensor fixed_noise(std::int64_t count, std::int64_t latent) {
  constexpr std::uint64_t kSeed = 1;
  auto generator = at::make_generator<at::CPUGeneratorImpl>(kSeed);
  return torch::randn({count, latent}, generator);
}

struct Evaluation {
  // Means over the images: of a sample from the posterior, but `psnr` and `mse` (of samples in 0..1) of its mean.
  double bce = 0, kl = 0, squared_error = 0, psnr = 0, mse = 0;
  torch::Tensor kl_by_latent;  // [latent], on the CPU
};

// What measure(first, count) gives for batches of `images` images, in their order; computed side by side.
template <typename Measure>
auto by_batches(Workers& workers, std::int64_t images, const Measure& measure) {
  std::vector<decltype(measure(images, images))> results(
      static_cast<std::size_t>((images + kEvaluationBatch - 1) / kEvaluationBatch));
  workers.run(results.size(), [&](std::size_t i) {
    const torch::NoGradGuard no_grad;
    const auto first = static_cast<std::int64_t>(i) * kEvaluationBatch;
    results[i] = measure(first, std::min(kEvaluationBatch, images - first));
  });
  return results;
}

Evaluation evaluate(nn::GaussianVae& vae, const torch::Tensor& bytes, Workers& workers) {
  const auto noise = fixed_noise(bytes.size(0), vae->config().latent).to(bytes.device());
  // The figures in their order, then the KL of each latent: sums over a batch.
  const auto parts = by_batches(workers, bytes.size(0), [&](std::int64_t first, std::int64_t count) {
    const auto part = bytes.narrow(0, first, count);
    const auto x = to_unit(part);
    const auto [mu, log_var] = vae->encode(x);
    const auto z = mu + (0.5 * log_var).exp() * noise.narrow(0, first, count);
    const auto drawn = vae->decode(z), best = vae->decode(mu);
    const auto terms = nn::elbo_terms(x, drawn, mu, log_var);
    const auto sums = torch::stack({terms.bce.sum(), terms.kl.sum(), squared_error(drawn, x).sum(),
                                    psnr(best, part).sum(), (squared_error(best, x) / x[0].numel()).sum()});
    return torch::cat({sums, nn::kl_to_standard_normal(mu, log_var).sum(0)}).to(torch::kFloat64);
  });
  const auto means = (torch::stack(parts).sum(0) / bytes.size(0)).cpu();
  return {means[0].item<double>(), means[1].item<double>(), means[2].item<double>(),
          means[3].item<double>(), means[4].item<double>(), means.slice(0, 5)};
}

// Mean PSNR and bytes of the coded latent (without the container's header) at some qualities.
nlohmann::json evaluate_codec(nn::GaussianVae& vae, const nn::LatentGrid& grid, const torch::Tensor& bytes,
                              Workers& workers) {
  const auto images = bytes.size(0), latent = static_cast<std::int64_t>(vae->config().latent);
  nlohmann::json result = nlohmann::json::array();
  for (const int quality : kTestQualities) {
    const auto parts = by_batches(workers, images, [&](std::int64_t first, std::int64_t count) {
      const auto part = bytes.narrow(0, first, count);
      const auto mu = vae->encode(to_unit(part)).first.cpu().contiguous();
      const std::span<const float> values(mu.data_ptr<float>(), static_cast<std::size_t>(mu.numel()));
      const auto symbols = grid.quantize(values, quality);
      const auto size = static_cast<std::size_t>(latent);
      std::size_t stream_bytes = 0;
      for (std::size_t at = 0; at < symbols.size(); at += size) {
        stream_bytes += grid.encode(std::span(symbols).subspan(at, size), quality).size();
      }
      const auto z = torch::tensor(grid.dequantize(symbols, quality)).view({-1, latent}).to(bytes.device());
      return std::pair(psnr(vae->decode(z), part).sum().item<double>(), stream_bytes);
    });
    double psnr_sum = 0;
    std::size_t stream_bytes = 0;
    for (const auto& [psnr_of_part, bytes_of_part] : parts) {
      psnr_sum += psnr_of_part;
      stream_bytes += bytes_of_part;
    }
    const auto count = static_cast<double>(images);
    result.push_back({{"quality", quality},
                      {"psnr", psnr_sum / count},
                      {"latent_bytes", static_cast<double>(stream_bytes) / count}});
  }
  return result;
}

// What the options say of the network, for such images.
nn::GaussianVaeConfig config_asked(const Options& options, const torch::Tensor& images) {
  const auto& network = options.gaussian;
  nn::GaussianVaeConfig config;
  config.rows = static_cast<int>(images.size(2));
  config.columns = static_cast<int>(images.size(3));
  config.colours = static_cast<int>(images.size(1));
  try {
    if (options.latent > 0) config.latent = options.latent;
    if (!network.net.empty()) config.net = nn::net_from(network.net);
    if (network.width > 0) config.channels = network.width;
    if (network.hidden) config.hidden = *network.hidden;
    if (!network.activation.empty()) config.activation = nn::activation_from(network.activation);
    config.dropout = network.dropout;
    nn::check_config(config);
  } catch (const Error& error) {
    throw Error(ErrorCode::kUsage, error.what());
  }
  return config;
}

class MnistTask : public Task {
 public:
  MnistTask(const Options& options, torch::Device device, Workers& workers, const Kept& kept)
      : options_(options), device_(device), workers_(workers) {
    if (options.precision == "bf16") throw Error(ErrorCode::kUsage, "--arch mnist trains in fp32 only");
    squared_error_ = options.distortion == "mse";
    batch_ = options.batch > 0 ? options.batch : kDigitBatch;
    const auto dataset = load_dataset(options.data, true, options.threads);
    description_ = dataset.description;
    const auto images = stack_images(dataset, colours_of(dataset), nn::GaussianVaeConfig::kMaxSide);
    const bool has_test = has_test_split(options.data);
    if (!options.valid.empty()) {
      train_ = images;
      valid_ = stack_like(load_dataset(options.valid, false, options.threads), images);
    } else if (images.size(0) == 1) {
      train_ = valid_ = images;
    } else {
      const auto held = held_back(images.size(0), has_test);
      train_ = images.index({held.logical_not()});
      valid_ = images.index({held});
    }
    if (has_test && options.folds == 0)
      test_ = stack_like(load_dataset(options.data, false, options.threads), images).to(device);
    train_ = train_.to(device);
    valid_ = valid_.to(device);
    set_up_network(kept.config);
    note_choices();
    replicas_.emplace(
        vae_, workers, batch_, device.is_cpu() ? kDigitPart : batch_,
        [this] { return nn::GaussianVae(vae_->config()); }, options.launch);
  }

  torch::nn::Module& module() override { return *vae_; }
  std::int64_t default_steps() const override { return kDigitSteps; }
  int batch_size() const override { return batch_; }
  const Options& options() const override { return options_; }
  Kept kept() const override { return {settings_of(options_), nn::to_json(vae_->config()), {}}; }
  std::string data_description() const override { return description_; }

  std::vector<ParameterGroup> parameter_groups() override {
    return {{vae_->parameters(), options_.learning_rate}};
  }

  void add_gradients(Figures& figures) override {
    // Both drawn on the CPU: one random state, whatever the device.
    const auto chosen = torch::randint(train_.size(0), {batch_}, torch::kInt64).to(device_);
    const auto noise = torch::randn({batch_, vae_->config().latent}).to(device_);
    const auto dropout = draw_dropout();
    const auto bytes = train_.index_select(0, chosen);
    const auto sums = replicas_->differentiate([&](nn::GaussianVae& vae, std::size_t i) {
      if (dropout.defined()) vae->set_dropout(replicas_->part(dropout, i));
      const auto result = add_gradients_of(vae, replicas_->part(bytes, i), replicas_->part(noise, i));
      vae->set_dropout({});
      return result;
    });
    const auto values = (sums / batch_).cpu();
    fill(figures, values[0].item<double>(), values[1].item<double>(), values[2].item<double>(),
         values[3].item<double>());
  }

  Figures validate() override {
    const auto measured = evaluate(vae_, valid_, workers_);
    Figures figures;
    fill(figures, (squared_error_ ? measured.squared_error : measured.bce) + options_.beta * measured.kl,
         measured.bce, measured.kl, measured.psnr);
    return figures;
  }

  Image preview() override {
    const torch::NoGradGuard no_grad;
    const auto count = std::min(kPreviewColumns * kPreviewRows, valid_.size(0));
    const auto columns = std::min(kPreviewColumns, count);
    std::vector<torch::Tensor> rows;
    for (std::int64_t first = 0; first + columns <= count; first += columns) {
      const auto originals = valid_.narrow(0, first, columns);
      const auto decoded = nn::to_bytes(vae_->decode(vae_->encode(to_unit(originals)).first));
      for (const auto& images : {originals, decoded}) {  // [columns, C, H, W] -> [H, columns * W, C]
        rows.push_back(images.permute({2, 0, 3, 1}).flatten(1, 2));
      }
    }
    const auto all = torch::cat(rows, 0).cpu().contiguous();
    Image image{static_cast<std::uint32_t>(all.size(1)),
                static_cast<std::uint32_t>(all.size(0)),
                static_cast<std::uint32_t>(all.size(2)),
                {}};
    image.samples.assign(all.data_ptr<std::uint8_t>(), all.data_ptr<std::uint8_t>() + all.numel());
    return image;
  }

  void export_model(const std::filesystem::path& file, const std::string& card) override {
    auto exported = nn::keep_latents(vae_, useful_latents());
    auto json = nlohmann::json::parse(card, nullptr, false);
    if (!json.is_object()) json = nlohmann::json::object();
    json["validation_images"] = valid_.size(0);
    json["latent"] = {{"trained", vae_->config().latent}, {"kept", exported->config().latent}};
    if (test_.defined()) json["test"] = test_results(exported);
    nn::save_gaussian_vae(file, exported, grid_,
                          json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
  }

 private:
  // Adds the gradient of a part's share of the batch's mean loss to that of `vae`'s parameters. Sums of loss,
  // BCE, KL and PSNR over the part, [4].
  torch::Tensor add_gradients_of(nn::GaussianVae& vae, const torch::Tensor& bytes,
                                 const torch::Tensor& noise) const {
    const auto x = to_unit(bytes);
    const auto [mu, log_var] = vae->encode(x);
    const auto logits = vae->decode(mu + (0.5 * log_var).exp() * noise);
    const auto terms = nn::elbo_terms(x, logits, mu, log_var);
    const auto bce = terms.bce.sum(), kl = terms.kl.sum();
    const auto loss = (squared_error_ ? squared_error(logits, x).sum() : bce) + options_.beta * kl;
    (loss / batch_).backward();
    const torch::NoGradGuard no_grad;
    return torch::stack({loss, bce, kl, psnr(logits, bytes).sum()}).detach();
  }

  // Of the network's units, those that this step has, as nn::GaussianVae::set_dropout() takes them; undefined without dropout.
  [[nodiscard]] torch::Tensor draw_dropout() const {
    const auto units = vae_->dropped_units();
    if (units == 0) return {};
    const double kept = 1 - vae_->config().dropout;
    return ((torch::rand({batch_, units}) < kept).to(torch::kFloat32) / kept).to(device_);
  }

  static torch::Tensor stack_like(const Dataset& dataset, const torch::Tensor& images) {
    auto stacked = stack_images(dataset, static_cast<int>(images.size(1)), nn::GaussianVaeConfig::kMaxSide);
    if (stacked.size(2) != images.size(2) || stacked.size(3) != images.size(3)) {
      throw Error(ErrorCode::kUnreadable,
                  dataset.description + ": images of " + std::to_string(stacked.size(3)) + "x" +
                      std::to_string(stacked.size(2)) + ", the training images are " +
                      std::to_string(images.size(3)) + "x" + std::to_string(images.size(2)));
    }
    return stacked;
  }

  // Those to validate on, bool [total]: a fold, or the last images of MNIST (its writers are mixed), evenly spread ones of any
  // other set (a folder may be sorted by class).
  [[nodiscard]] torch::Tensor held_back(std::int64_t total, bool last) const {
    if (options_.folds > 0) return fold_of(total, options_.fold, options_.folds);
    const auto count = std::clamp<std::int64_t>(total / kHeldBackShare, 1, kMaxHeldBack);
    auto held = torch::zeros({total}, torch::kBool);
    if (last) {
      held.narrow(0, total - count, count).fill_(true);
    } else {
      held.index_fill_(0, torch::div(torch::arange(count, torch::kInt64) * total, count, "floor"), true);
    }
    return held;
  }

  // `resumed`: the configuration that a checkpoint keeps; its weights come from there.
  void set_up_network(const std::string& resumed) {
    const auto asked = config_asked(options_, train_);
    if (!resumed.empty()) {
      vae_ = nn::GaussianVae(nn::parse_gaussian_vae_config(resumed));
      check_init(options_.resume, vae_->config(), asked);
    } else if (options_.init.empty()) {
      vae_ = nn::GaussianVae(asked);
    } else {
      vae_ = nn::load_gaussian_vae(model::SafeTensors::open(options_.init)).vae;
      check_init(options_.init, vae_->config(), asked);
      for (auto& parameter : vae_->parameters()) parameter.set_requires_grad(true);
    }
    vae_->to(device_);
  }

  // What was chosen for options that were left open.
  void note_choices() {
    const auto& config = vae_->config();
    options_.batch = batch_;
    if (options_.learning_rate == 0) options_.learning_rate = kDefaultRate;
    if (!options_.burn_in) options_.burn_in = 0;
    options_.distortion = squared_error_ ? "mse" : "bce";
    options_.latent = config.latent;
    options_.gaussian = {nn::name_of(config.net), config.channels, config.hidden,
                         nn::name_of(config.activation), config.dropout};
  }

  // The file to start from must be of a model for such pictures, and what the command line says of it.
  void check_init(const std::filesystem::path& file, const nn::GaussianVaeConfig& found,
                  const nn::GaussianVaeConfig& asked) const {
    const auto kind = [](const nn::GaussianVaeConfig& c) {
      return std::to_string(c.columns) + "x" + std::to_string(c.rows) + (c.colours == 1 ? " grey" : " RGB");
    };
    if (kind(found) != kind(asked)) {
      throw Error(ErrorCode::kModel, file.string() + ": a model for images of " + kind(found) +
                                         ", those of the data set are " + kind(asked));
    }
    const auto& network = options_.gaussian;
    if ((options_.latent > 0 && found.latent != asked.latent) ||
        (!network.net.empty() && found.net != asked.net) ||
        (network.width > 0 && found.channels != asked.channels) ||
        (network.hidden && found.hidden != asked.hidden) ||
        (!network.activation.empty() && found.activation != asked.activation) ||
        (network.dropout > 0 && found.dropout != asked.dropout)) {
      throw Error(ErrorCode::kModel, file.string() + ": is a model of other sizes (" + nn::to_json(found) +
                                         ") than those asked for (" + nn::to_json(asked) + ")");
    }
  }

  static void fill(Figures& figures, double loss, double bce, double kl, double psnr_db) {
    figures["loss"] = loss;
    figures["bce"] = bce;
    figures["kl"] = kl;
    figures["elbo"] = -(bce + kl);
    figures["psnr"] = psnr_db;
  }

  // The latents that the encoder uses; all of them before it has learned to use any.
  std::vector<std::int64_t> useful_latents() {
    const auto kl = evaluate(vae_, valid_, workers_).kl_by_latent;
    std::vector<std::int64_t> useful, all;
    for (std::int64_t i = 0; i < kl.size(0); ++i) {
      all.push_back(i);
      if (kl[i].item<double>() >= kUsefulKl) useful.push_back(i);
    }
    return useful.empty() ? all : useful;
  }

  // The same best weights are exported many times: measured once.
  const nlohmann::json& test_results(nn::GaussianVae& exported) {
    const torch::NoGradGuard no_grad;
    const auto weights = torch::nn::utils::parameters_to_vector(exported->parameters());
    if (!tested_.defined() || !torch::equal(tested_, weights)) {
      const auto measured = evaluate(exported, test_, workers_);
      test_results_ = {{"images", test_.size(0)},
                       {"elbo", -(measured.bce + measured.kl)},
                       {"bce", measured.bce},
                       {"kl", measured.kl},
                       {"psnr", measured.psnr},
                       {"mse", measured.mse},
                       {"codec", evaluate_codec(exported, grid_, test_, workers_)}};
      tested_ = weights;
    }
    return test_results_;
  }

  Options options_;
  torch::Device device_;
  Workers& workers_;
  int batch_ = kDigitBatch;
  std::string description_;
  bool squared_error_ = false;          // in place of the cross-entropy
  torch::Tensor train_, valid_, test_;  // uint8 [N, C, rows, columns] on the device; test_ may be undefined
  nn::GaussianVae vae_{nullptr};
  std::optional<Replicas<nn::GaussianVae>> replicas_;
  nn::LatentGrid grid_ = nn::LatentGrid::make();
  torch::Tensor tested_;  // the weights that test_results_ belong to
  nlohmann::json test_results_;
};

}  // namespace

std::unique_ptr<Task> make_mnist_task(const Options& options, torch::Device device, Workers& workers,
                                      const Kept& kept) {
  return std::make_unique<MnistTask>(options, device, workers, kept);
}

}  // namespace vaec::train
