// Small trainings of the real `photo` task, for tests.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "base/interrupt.hpp"
#include "model/safetensors.hpp"
#include "nn/photo_file.hpp"
#include "nn/two_level_vae.hpp"
#include "stop_request.hpp"
#include "temporary_folder.hpp"
#include "train/checkpoint.hpp"
#include "train/settings.hpp"
#include "train/task.hpp"
#include "train/trainer.hpp"
#include "train/write_packed.hpp"

namespace vaec::train {

// Trains the real `photo` task, with few channels, on some made pictures.
class TrainerTest : public testing::Test {
 protected:
  void SetUp() override {
    std::mt19937 random(4);
    std::vector<Image> images;
    for (int i = 0; i < 4; ++i) {
      Image image{96, 96, 3, {}};
      for (std::uint32_t y = 0; y < 96; ++y) {
        for (std::uint32_t x = 0; x < 96; ++x) {
          for (int c = 0; c < 3; ++c) {
            const double wave = std::sin(x * 0.1 + i) + std::cos(y * 0.13 * (i + 1)) + 0.1 * c;
            image.samples.push_back(
                static_cast<std::uint8_t>(128 + 50 * wave + static_cast<int>(random() % 7)));
          }
        }
      }
      images.push_back(image);
    }
    write_packed(folder_ / "data.vpack", images);
    write_packed(folder_ / "valid.vpack", images);
  }
  void TearDown() override { clear_stop_request(); }

  [[nodiscard]] Options options(const std::string& name) const {
    Options o;
    o.data = folder_ / "data.vpack";
    o.valid = folder_ / "valid.vpack";
    o.output = folder_ / (name + ".safetensors");
    o.steps = 12;
    o.batch = 2;
    o.crop = 64;
    o.latent = 12;
    o.sizes.channels = {4, 6, 8};
    o.seed = 3;
    o.precision = "fp32";
    o.progress = false;
    return o;
  }

  // A model of few channels to start from.
  void write_model(const std::string& name, std::uint64_t seed) const {
    torch::manual_seed(seed);
    model::PhotoConfig config;
    config.latent = 12;
    config.set(options("").sizes);
    nn::TwoLevelVae vae(config);
    vae->set_closed_form(torch::upsample_bilinear2d(torch::rand({2000, 3, 2, 2}), {16, 16}, false));
    nn::save_photo(vae, folder_ / (name + ".safetensors"), "{}");
  }

  const TemporaryFolder folder_;
};

// Stops the run after some steps, as Ctrl-C would.
class StoppingTask : public Task {
 public:
  StoppingTask(std::unique_ptr<Task> task, int steps) : task_(std::move(task)), left_(steps) {}
  torch::nn::Module& module() override { return task_->module(); }
  std::vector<ParameterGroup> parameter_groups() override { return task_->parameter_groups(); }
  std::int64_t default_steps() const override { return task_->default_steps(); }
  void add_gradients(Figures& figures) override {
    if (--left_ == 0) base::request_stop();
    task_->add_gradients(figures);
  }
  int batch_size() const override { return task_->batch_size(); }
  const Options& options() const override { return task_->options(); }
  Kept kept() const override { return task_->kept(); }
  Figures validate() override { return task_->validate(); }
  Image preview() override { return task_->preview(); }
  void export_model(const std::filesystem::path& file, const std::string& card) override {
    task_->export_model(file, card);
  }
  std::string data_description() const override { return task_->data_description(); }

 private:
  std::unique_ptr<Task> task_;
  int left_;
};

// A trainer and what it needs. T: StoppingTask, or what is made as it.
template <typename T>
struct TrainingOf {
  // A stop is requested in step `stop` (0: never).
  explicit TrainingOf(const Options& options, int stop = 0, int threads = 1) : workers(threads) {
    const auto kept = options.resume.empty() ? Kept() : read_kept(options.resume);
    torch::manual_seed(options.seed);
    auto made = std::make_unique<T>(
        make_photo_task(kept.settings.empty() ? options : with_settings(options, kept.settings), torch::kCPU,
                        workers, kept),
        stop);
    task = made.get();
    trainer.emplace(std::move(made), workers);
  }
  [[nodiscard]] torch::Tensor weights() const {
    std::vector<torch::Tensor> flat;
    for (const auto& p : task->module().parameters()) flat.push_back(p.detach().flatten());
    return torch::cat(flat);
  }

  Workers workers;
  Task* task = nullptr;
  std::optional<Trainer> trainer;
};

// The tensors of a model, byte by byte.
inline std::map<std::string, std::string> weights_of(const std::filesystem::path& model) {
  const auto file = model::SafeTensors::open(model);
  std::map<std::string, std::string> weights;
  for (const auto& [name, view] : file.tensors()) {
    weights[name] = std::string(reinterpret_cast<const char*>(view.data.data()), view.data.size());
  }
  return weights;
}

}  // namespace vaec::train
