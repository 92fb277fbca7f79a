// Training of the two-level VAE on photographs.
#include <spdlog/spdlog.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <utility>

#include "loss/distortion.hpp"
#include "loss/ms_ssim.hpp"
#include "model/safetensors.hpp"
#include "nn/layers.hpp"
#include "nn/photo_file.hpp"
#include "nn/synthesis_quantizer.hpp"
#include "nn/torch.hpp"
#include "nn/two_level_vae.hpp"
#include "train/crops.hpp"
#include "train/dataset.hpp"
#include "train/latent_pool.hpp"
#include "train/precision.hpp"
#include "train/replicas.hpp"
#include "train/settings.hpp"
#include "train/task.hpp"
#include "vaec/error.hpp"

namespace vaec::train {
namespace {

constexpr int kDefaultBatch = 8;
constexpr int kDefaultCrop = 192;    // on a CPU; 256 on a GPU
constexpr int kDefaultWindow = 512;  // of cached latents: large ones have less border
constexpr std::int64_t kDefaultSteps = 60000;
constexpr double kTransformRate = 1.5e-3;   // learning rates: docs/experiments.md has the runs
constexpr double kTuningRate = 2e-4;        // of a model that is trained already, and does not grow
constexpr std::int64_t kTuningBurnIn = 60;  // steps: a new optimizer knows nothing of it
constexpr double kEntropyRateFactor = 2.5;  // the entropy model learns faster than the transforms
constexpr std::int64_t kPatches = 40000, kFewestPatches = 2048;  // 16x16 blocks for the closed form
// Weight of a sample: (lambda / reference)^this, about 1 / bpp, so that all rates count alike.
constexpr double kWeightExponent = -0.55;
constexpr int kHeldBack = 16;  // validation crops when no validation set is given
constexpr int kValidSide = 512;
constexpr std::size_t kValidImages = 8;
constexpr int kValidQualities[] = {10, 50, 90};
constexpr int kPreviewQuality = 50;
// For tables and predictors: large enough to have neighbours of neighbours in the hyper-latent.
constexpr int kMeasuredCrops = 32, kFewestMeasured = 8, kMeasuredSide = 512, kMeasuredAtOnce = 2;
constexpr int kPart = 2;        // crops that a worker computes at once
constexpr int kWindowPart = 1;  // windows of cached latents

// uint8 [H, W, 3] -> float32 [1, 3, H', W'], sides multiples of 64.
torch::Tensor batch_of(const torch::Tensor& image) {
  const auto side = [](std::int64_t n) {
    return std::min<std::int64_t>(kValidSide, n / model::kHyperStride * model::kHyperStride);
  };
  return image.slice(0, 0, side(image.size(0)))
             .slice(1, 0, side(image.size(1)))
             .permute({2, 0, 1})
             .unsqueeze(0)
             .to(torch::kFloat32) /
         255;
}

// Whether a parameter decides what y or the picture is: else it is the entropy model's.
bool is_of_transforms(const std::string& name) {
  return name.starts_with("g_") || name == "log_gain" || name == "log_inverse_gain";
}

double psnr_of(const torch::Tensor& x_hat, const torch::Tensor& x) {
  const auto difference = (x_hat.clamp(0, 1) * 255).round() - x * 255;
  const double mse = difference.square().mean().item<double>();
  return 10 * std::log10(255.0 * 255.0 / std::max(mse, 1e-10));
}

class PhotoTask : public Task {
 public:
  PhotoTask(const Options& options, torch::Device device, Workers& workers, const Kept& kept)
      : options_(options), device_(device), workers_(workers) {
    batch_ = options.batch > 0 ? options.batch : kDefaultBatch;
    const auto default_crop = entropy_alone() ? kDefaultWindow : device.is_cuda() ? 256 : kDefaultCrop;
    crop_ = options.crop > 0 ? options.crop : default_crop;
    if (crop_ % model::kHyperStride != 0) throw Error(ErrorCode::kUsage, "--crop must be a multiple of 64");
    precision_ = choose_precision(options.precision, device);

    set_up_network(kept.config);
    note_choices();
    const auto smallest = loss::smallest_crop(vae_->config().distortion);
    if (crop_ < smallest && !entropy_alone()) {
      throw Error(ErrorCode::kUsage, "--crop: " + to_text(vae_->config().distortion) + " needs at least " +
                                         std::to_string(smallest) + " pixels");
    }

    auto data = load_dataset(options.data, true, options.threads);
    for (auto& image : data.images) {
      if (image.size(2) == 1) image = image.expand({-1, -1, 3});
      image = image.to(device);
    }
    description_ = data.description;
    auto valid = options.folds > 0       ? take_fold(data.images)
                 : options.valid.empty() ? hold_back(data.images, smallest)
                                         : load_dataset(options.valid, false, options.threads).images;
    const std::size_t stride = std::max<std::size_t>(1, valid.size() / kValidImages);
    for (std::size_t i = 0; i < valid.size() && valid_.size() < kValidImages; i += stride) {
      if (std::min(valid[i].size(0), valid[i].size(1)) >= smallest) valid_.push_back(valid[i].to(device));
    }
    if (valid_.empty()) {
      throw Error(
          ErrorCode::kUnreadable,
          "no validation image has " + std::to_string(smallest) + " pixels on both sides" +
              (options.valid.empty() ? ", and none of the data is large enough to give a part away: name "
                                       "others with --valid"
                                     : ""));
    }
    std::int64_t pixels = 0;
    int largest = 1;
    for (const auto& image : data.images) {
      pixels += image.size(0) * image.size(1);
      largest = std::max(largest, static_cast<int>(std::min(image.size(0), image.size(1))));
    }
    // Small pictures are not made larger to be measured.
    constexpr int kMultiple = model::kHyperStride;
    const int side =
        std::max(crop_, std::min(kMeasuredSide, (largest + kMultiple - 1) / kMultiple * kMultiple));
    // Nor are few measured over and over.
    const auto crops =
        std::clamp<std::int64_t>(pixels / (std::int64_t{side} * side) / kMeasuredAtOnce,
                                 kFewestMeasured / kMeasuredAtOnce, kMeasuredCrops / kMeasuredAtOnce) *
        kMeasuredAtOnce;
    measuring_ = std::make_unique<CropSampler>(data.images, side, options.enlarged);
    sampler_ = std::make_unique<CropSampler>(std::move(data.images), crop_, options.enlarged);
    // Whatever the network has drawn, a resumed run must draw the same crops.
    torch::manual_seed(options.seed);
    measured_ = measuring_->choose(static_cast<int>(crops));
    if (options.init.empty() && kept.config.empty()) {
      const auto patches = std::clamp(pixels / model::kLatentStride, kFewestPatches, kPatches);
      spdlog::info("closed-form start: principal components of {} blocks", patches);
      vae_->set_closed_form(sampler_->patches(static_cast<int>(patches), model::kLatentStride));
    }
    vae_->to(device_);
    if (entropy_alone()) {
      latents_.emplace(
          *sampler_, LatentPool::windows_for(pixels, crop_, vae_->config().latent),
          [this](const torch::Tensor& x) { return vae_->analysis(x, precision_); }, workers,
          options.progress);
    }
    if (options.quantization_aware && kept.tensors.empty()) {
      spdlog::info("the weights of g_s are rounded");
      nn::put_on_grid(vae_, measured().decoded());
    } else if (options.quantization_aware) {
      vae_->synthesis->set_grid(nn::grid_from(kept.tensors));
    }
    const auto part = entropy_alone() ? kWindowPart : kPart;
    const auto make = [this] {
      nn::TwoLevelVae replica(vae_->config());
      if (const auto* grid = vae_->synthesis->grid()) replica->synthesis->set_grid(*grid);
      return replica;
    };
    replicas_.emplace(vae_, workers, batch_, device.is_cpu() ? part : batch_, make, options.launch);
  }

  torch::nn::Module& module() override { return *vae_; }
  std::int64_t default_steps() const override { return kDefaultSteps; }
  int batch_size() const override { return batch_; }
  const Options& options() const override { return options_; }
  Kept kept() const override {
    const auto* grid = vae_->synthesis->grid();
    return {settings_of(options_), vae_->config().to_json(),
            grid != nullptr ? nn::tensors_of(*grid) : std::map<std::string, torch::Tensor>()};
  }
  std::string data_description() const override { return description_; }

  std::vector<ParameterGroup> parameter_groups() override {
    const double rate = options_.learning_rate;
    ParameterGroup transforms{{}, rate}, entropy{{}, rate * kEntropyRateFactor};
    for (auto& p : vae_->named_parameters()) {
      if (!p.value().requires_grad()) continue;
      const bool transform = p.key().starts_with("g_");
      (transform ? transforms : entropy).parameters.push_back(p.value());
    }
    return {transforms, entropy};
  }

  void add_gradients(Figures& figures) override {
    const auto crops = latents_ ? std::vector<Crop>() : sampler_->choose(batch_);
    const auto windows = latents_ ? latents_->choose(batch_) : torch::Tensor();
    const auto quality =
        torch::randint(kMinQuality, kMaxQuality + 1, {batch_}).to(torch::kFloat32).to(device_);
    const auto noise = vae_->draw_noise(batch_, crop_, crop_, device_);
    const auto sums = replicas_->differentiate([&](nn::TwoLevelVae& vae, std::size_t i) {
      const auto part = [&](const torch::Tensor& t) { return replicas_->part(t, i); };
      const nn::RoundingNoise part_noise{part(noise.y), part(noise.z)};
      if (latents_) return add_gradients_of_rate(vae, latents_->at(part(windows)), part(quality), part_noise);
      const auto first = replicas_->begin_of(i), end = replicas_->begin_of(i + 1);
      const auto x = sampler_->cut(
          std::span(crops).subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(end - first)));
      return add_gradients_of(vae, x, part(quality), part_noise);
    });
    const auto means = (sums / batch_).cpu();
    figures["loss"] = means[0].item<double>();
    figures["bpp"] = means[1].item<double>();
    if (!latents_) figures["psnr"] = means[2].item<double>();
  }

  Figures validate() override {
    std::vector<Figures> of_picture(valid_.size());
    workers_.run(valid_.size(), [&](std::size_t i) { of_picture[i] = measure(valid_[i]); });
    Figures means;
    for (const auto& figures : of_picture) {
      for (const auto& [name, value] : figures) means[name] += value / static_cast<double>(valid_.size());
    }
    return means;
  }

  Image preview() override {
    const torch::NoGradGuard no_grad;
    std::vector<torch::Tensor> rows;
    for (std::size_t i = 0; i < std::min<std::size_t>(3, valid_.size()); ++i) {
      auto x = batch_of(valid_[i]);
      x = x.slice(2, 0, 256).slice(3, 0, 256);
      x = x.slice(2, 0, x.size(2) / 64 * 64).slice(3, 0, x.size(3) / 64 * 64);
      const auto quality = torch::full({1}, static_cast<float>(kPreviewQuality), x.options());
      const auto out = vae_->forward(x, quality, std::nullopt, precision_);
      auto row = torch::cat({x, out.x_hat.clamp(0, 1)}, 3).squeeze(0);
      row = torch::constant_pad_nd(row, {0, 512 - row.size(2), 0, 256 - row.size(1)});
      rows.push_back(row);
    }
    const auto all =
        (torch::cat(rows, 1) * 255).round().to(torch::kUInt8).permute({1, 2, 0}).contiguous().cpu();
    Image image{static_cast<std::uint32_t>(all.size(1)), static_cast<std::uint32_t>(all.size(0)), 3, {}};
    image.samples.assign(all.data_ptr<std::uint8_t>(), all.data_ptr<std::uint8_t>() + all.numel());
    return image;
  }

  void export_model(const std::filesystem::path& file, const std::string& card) override {
    auto statistics = measured();
    statistics.fit();
    nn::save_photo(vae_, file, card, &statistics);
  }

 private:
  // Of the crops that are for that; not fitted.
  nn::LatentStatistics measured() {
    std::vector<nn::LatentStatistics> parts(measured_.size() / kMeasuredAtOnce,
                                            nn::LatentStatistics(vae_->config()));
    workers_.run(parts.size(), [&](std::size_t i) {
      parts[i] = measure_latents(std::span(measured_).subspan(i * kMeasuredAtOnce, kMeasuredAtOnce));
    });
    nn::LatentStatistics statistics(vae_->config());
    for (auto& part : parts) statistics.add(std::move(part));
    return statistics;
  }

  // Adds the gradient of a part's share of the batch's mean loss to that of `vae`'s parameters. Sums of loss,
  // bpp and PSNR over the part, [3].
  torch::Tensor add_gradients_of(nn::TwoLevelVae& vae, const torch::Tensor& x, const torch::Tensor& quality,
                                 const nn::RoundingNoise& noise) const {
    const auto out = vae->forward(x, quality, noise, precision_);
    const double pixels = static_cast<double>(crop_) * crop_;
    const auto mse = (out.x_hat - x).square().mean({1, 2, 3});
    const auto bpp = (out.y_bits + out.z_bits) / pixels;
    const auto loss = losses(bpp, out.x_hat, x, lambda_of(quality)).sum();
    (loss / batch_).backward();
    const torch::NoGradGuard no_grad;
    return torch::stack({loss.detach(), bpp.sum(), (mse.log10() * -10).sum()});
  }

  // The same of latents before their gains [N, C, h, w]: of the bits alone, [2]. No distortion: what
  // learns reaches it only where a symbol is left zero, by the dead zone or by a table that knows no other one.
  torch::Tensor add_gradients_of_rate(nn::TwoLevelVae& vae, const torch::Tensor& y,
                                      const torch::Tensor& quality, const nn::RoundingNoise& noise) const {
    const nn::GradientsIn gradients_in(precision_);
    const auto coded = vae->predict(y * vae->gain(quality, true).detach(), quality, noise);
    const auto bpp = (coded.y_bits + coded.z_bits) / (static_cast<double>(crop_) * crop_);
    const auto loss = (weight_of(lambda_of(quality)) * bpp).sum();
    (loss / batch_).backward();
    return torch::stack({loss.detach(), bpp.detach().sum()});
  }

  // Of a validation picture, at the qualities of the validation. Thread-safe, as measure_latents() is.
  Figures measure(const torch::Tensor& image) {
    const torch::NoGradGuard no_grad;
    Figures figures;
    const auto x = batch_of(image).contiguous(at::MemoryFormat::ChannelsLast);
    const auto y = vae_->analysis(x, precision_);
    const double pixels = static_cast<double>(x.size(2) * x.size(3));
    for (const int q : kValidQualities) {
      const auto quality = torch::full({1}, static_cast<float>(q), x.options());
      const auto out = vae_->code(y * vae_->gain(quality, true), quality, std::nullopt, precision_);
      const double bpp = (out.y_bits + out.z_bits).item<double>() / pixels;
      const auto x_hat = out.x_hat.clamp(0, 1);
      const auto rate = torch::full({1}, bpp, x.options());
      const auto loss = losses(rate, x_hat, x, lambda_of(quality));
      figures["loss"] += loss.item<double>() / static_cast<double>(std::size(kValidQualities));
      const auto at = "_q" + std::to_string(q);
      if (of_ms_ssim()) figures["ms_ssim" + at] = loss::ms_ssim(x_hat, x).item<double>();
      figures["bpp" + at] = bpp;
      figures["psnr" + at] = psnr_of(out.x_hat, x);
    }
    return figures;
  }

  // Of some crops, at the qualities of the levels.
  nn::LatentStatistics measure_latents(std::span<const Crop> crops) {
    const torch::NoGradGuard no_grad;
    const auto& config = vae_->config();
    nn::LatentStatistics statistics(config);
    const auto x = measuring_->cut(crops).contiguous(at::MemoryFormat::ChannelsLast);
    const auto y = vae_->analysis(x, precision_);
    for (int k = 0; k < config.levels; ++k) {
      const int q = kMinQuality + (kMaxQuality - kMinQuality) * k / (config.levels - 1);
      const auto quality = torch::full({x.size(0)}, static_cast<float>(q), x.options());
      const auto scaled = y * vae_->gain(quality, true);
      statistics.add(scaled, vae_->predict(scaled, quality, std::nullopt), q);
    }
    return statistics;
  }

  // The last of many images, or of few the lower quarter of each, cut off for validation alone: as many rows
  // as batch_of() takes, and at least `smallest`. An image is left whole if as much would not stay of it.
  static std::vector<torch::Tensor> hold_back(std::vector<torch::Tensor>& images, std::int64_t smallest) {
    std::vector<torch::Tensor> held;
    if (images.size() > 4 * kHeldBack) {
      for (int i = 0; i < kHeldBack; ++i) {
        held.push_back(images.back());
        images.pop_back();
      }
      return held;
    }
    const auto whole = [](std::int64_t rows) { return rows / model::kHyperStride * model::kHyperStride; };
    const auto least = whole(smallest + model::kHyperStride - 1);
    for (auto& image : images) {
      const auto keep = image.size(0) - std::max(least, whole(image.size(0) / 4));
      if (keep < least || image.size(1) < smallest) continue;
      held.push_back(image.slice(0, keep).contiguous());
      image = image.slice(0, 0, keep).contiguous();
    }
    return held;
  }

  // Takes the images of the fold out of `images`.
  std::vector<torch::Tensor> take_fold(std::vector<torch::Tensor>& images) const {
    const auto is_held = fold_of(static_cast<std::int64_t>(images.size()), options_.fold, options_.folds);
    std::vector<torch::Tensor> held, kept;
    for (std::size_t i = 0; i < images.size(); ++i)
      (is_held[static_cast<std::int64_t>(i)].item<bool>() ? held : kept).push_back(images[i]);
    images = std::move(kept);
    return held;
  }

  bool entropy_alone() const { return options_.only == "entropy"; }
  bool of_ms_ssim() const { return vae_->config().distortion.ms_ssim != 0; }

  // R + lambda D of each picture, [N], weighted so that all rates count.
  torch::Tensor losses(const torch::Tensor& bpp, const torch::Tensor& x_hat, const torch::Tensor& x,
                       const torch::Tensor& lambda) const {
    return weight_of(lambda) * (bpp + lambda * loss::distortion(vae_->config().distortion, x_hat, x));
  }

  static torch::Tensor weight_of(const torch::Tensor& lambda) {
    return (lambda / model::kReferenceLambda).pow(kWeightExponent);
  }

  torch::Tensor lambda_of(const torch::Tensor& quality) const {
    const auto& c = vae_->config();
    const auto t = (quality - kMinQuality) / (kMaxQuality - kMinQuality);
    return c.lambda_min * (t * std::log(c.lambda_max / c.lambda_min)).exp();
  }

  void set_lambda_range(model::PhotoConfig& config) const {
    if (options_.lambda_min > 0) config.lambda_min = options_.lambda_min;
    if (options_.lambda_max > 0) config.lambda_max = options_.lambda_max;
    if (!config.has_lambda_range()) {
      throw Error(ErrorCode::kUsage, "--lambda-min and --lambda-max: " + model::PhotoConfig::kLambdaRange);
    }
  }

  // `resumed`: the configuration that a checkpoint keeps; its weights come from there, but for --only entropy, whose
  // transforms are those of --init.
  void set_up_network(const std::string& resumed) {
    if (!resumed.empty() && !entropy_alone()) {
      vae_ = nn::TwoLevelVae(model::PhotoConfig::from_json(resumed));
    } else if (!options_.init.empty()) {
      if (options_.latent > 0) throw Error(ErrorCode::kUsage, "--latent: with --init it is the model's own");
      const auto file = model::SafeTensors::open(options_.init);
      try {
        vae_ = nn::trainable(file, options_.sizes);
      } catch (const Error& error) {
        throw Error(error.code(), options_.init.string() + ": " + error.what());
      }
      auto range = vae_->config();
      set_lambda_range(range);
      if (range.to_json() != vae_->config().to_json())
        vae_->set_lambda_range(range.lambda_min, range.lambda_max);
    } else {
      model::PhotoConfig config;
      config.synthesis.skip = true;
      if (options_.latent > 0) config.latent = options_.latent;
      config.set(options_.sizes);
      set_lambda_range(config);
      config.lf.resize(
          static_cast<std::size_t>(std::min<int>(config.latent, static_cast<int>(config.lf.size()))));
      if (config.latent > 3 * 256) throw Error(ErrorCode::kUsage, "--latent: at most 768 channels");
      vae_ = nn::TwoLevelVae(config);
    }
    if (entropy_alone()) {
      for (auto& p : vae_->named_parameters()) {
        if (is_of_transforms(p.key())) p.value().set_requires_grad(false);
      }
    }
    if (!options_.distortion.empty()) vae_->set_distortion(model::distortion_from(options_.distortion));
    if (!resumed.empty() && resumed != vae_->config().to_json()) {
      throw Error(ErrorCode::kModel, options_.init.string() +
                                         ": --resume needs the --init that it began with; "
                                         "this model is of other sizes");
    }
  }

  // What was chosen for options that were left open. --only entropy is asked for nothing of the transforms.
  void note_choices() {
    options_.batch = batch_;
    options_.crop = crop_;
    const bool has_init = !options_.init.empty(), grows = options_.sizes != model::TransformSizes{};
    if (options_.learning_rate == 0)
      options_.learning_rate = has_init && !grows && !entropy_alone() ? kTuningRate : kTransformRate;
    if (!options_.burn_in) options_.burn_in = has_init ? kTuningBurnIn : 0;
    const auto& config = vae_->config();
    options_.lambda_min = config.lambda_min;
    options_.lambda_max = config.lambda_max;
    if (entropy_alone()) return;
    options_.distortion = to_text(config.distortion);
    options_.latent = config.latent;
    options_.sizes = {config.synthesis.channels, config.synthesis.blocks, config.analysis.channels,
                      config.analysis.blocks, config.synthesis.skip};
  }

  Options options_;
  torch::Device device_;
  Workers& workers_;
  int batch_ = 0, crop_ = 0;
  torch::ScalarType precision_ = torch::kFloat32;
  std::string description_;
  std::vector<torch::Tensor> valid_;
  std::unique_ptr<CropSampler> sampler_, measuring_;
  std::vector<Crop> measured_;  // crops whose latents the model's tables are made of
  nn::TwoLevelVae vae_{nullptr};
  std::optional<LatentPool> latents_;  // where the entropy model is trained alone
  std::optional<Replicas<nn::TwoLevelVae>> replicas_;
};

}  // namespace

std::unique_ptr<Task> make_photo_task(const Options& options, torch::Device device, Workers& workers,
                                      const Kept& kept) {
  return std::make_unique<PhotoTask>(options, device, workers, kept);
}

}  // namespace vaec::train
