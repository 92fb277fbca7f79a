// What the training loop (trainer.hpp) asks of an architecture.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "nn/torch.hpp"
#include "train/options.hpp"
#include "train/workers.hpp"
#include "vaec/image.hpp"

namespace vaec::train {

// Parameters that share one learning rate.
struct ParameterGroup {
  std::vector<torch::Tensor> parameters;
  double learning_rate = 1e-3;
};

// One step's or one validation's figures, by name, for the progress line and the log: always "loss", and for
// `photo` "bpp" and, where the transforms learn, "psnr".
using Figures = std::map<std::string, double>;

// What a checkpoint keeps of a training beside what is trained; all empty: a new training.
struct Kept {
  std::string settings;  // settings_of() the options, with what the architecture chose for those left open
  std::string config;    // of the networks, JSON
  std::map<std::string, torch::Tensor> tensors;  // what else was chosen at the start
};

// Not thread-safe. Random numbers come from LibTorch's default generators only. The trainer seeds them, and saves and
// restores that of the CPU: where nothing is drawn on a GPU, a resumed run goes on exactly.
class Task {
 public:
  virtual ~Task() = default;

  // The networks. Those of their parameters that require a gradient are trained, and stand in a checkpoint;
  // the others never change.
  virtual torch::nn::Module& module() = 0;
  // All that are trained.
  virtual std::vector<ParameterGroup> parameter_groups() = 0;
  virtual std::int64_t default_steps() const = 0;

  // Draws a batch, adds its loss's gradient to that of every parameter that is trained
  // and fills `figures`, "loss" among them.
  virtual void add_gradients(Figures& figures) = 0;
  virtual int batch_size() const = 0;          // images a step, for the speed shown
  virtual const Options& options() const = 0;  // with what the architecture chose for those left open
  virtual Kept kept() const = 0;

  // Figures on the validation set with the weights as they are now; "loss" decides which weights are best.
  virtual Figures validate() = 0;
  // Reconstructions beside the originals.
  virtual Image preview() = 0;
  // Writes the model (weights as they are now) with `card` (JSON text) in its metadata.
  virtual void export_model(const std::filesystem::path& file, const std::string& card) = 0;
  // What the model was trained on, in words and figures, as members of a JSON object for the card.
  virtual std::string data_description() const = 0;
};

// Each architecture's own. They read the data set and set up the networks on `device`. `workers` must outlive
// the task; each computes a part of every batch. `kept`: of the checkpoint that options.resume names; the options have its
// settings (with_settings()).
[[nodiscard]] std::unique_ptr<Task> make_photo_task(const Options& options, torch::Device device,
                                                    Workers& workers, const Kept& kept = {});
[[nodiscard]] std::unique_ptr<Task> make_mnist_task(const Options& options, torch::Device device,
                                                    Workers& workers, const Kept& kept = {});

}  // namespace vaec::train
