// The training loop, the same for every architecture.
#pragma once

#include <memory>
#include <string>

#include "nn/torch.hpp"
#include "train/checkpoint.hpp"
#include "train/options.hpp"
#include "train/outputs.hpp"
#include "train/process_group.hpp"
#include "train/schedule.hpp"
#include "train/soap.hpp"
#include "train/task.hpp"
#include "train/workers.hpp"

namespace vaec::train {

// SOAP, gradient-norm clip 1, an exponential moving average (EMA) of the weights, which is what is validated
// and exported; schedule.hpp says when. One Trainer runs once.
//
// In a group of processes each has a Trainer. All step together; rank 0's clock decides when to validate, to save and
// to end, and it alone validates and writes.
class Trainer {
 public:
  Trainer(std::unique_ptr<Task> task, Workers& workers, ProcessGroup& processes = alone());

  // Until the steps or minutes are over. Throws as train::run does, and GroupBroken, once rank 0 has saved a
  // checkpoint.
  void run();

  // Everything that decides how training goes on: weights, EMA, best EMA,
  // optimizer, step, time, random state.
  void save_checkpoint() const;
  // Throws Error kModel: not a checkpoint of this architecture and these sizes.
  void load_checkpoint(const std::filesystem::path& file);

 private:
  // What all processes do next, by rank 0's clock and by what any of them was asked for.
  struct Decision {
    double done = 0;  // 0..1
    bool validate = false, save = false, stop = false;
  };

  void train();
  [[nodiscard]] bool leads() const { return processes_.rank() == 0; }
  [[nodiscard]] Decision decide(const Validations& validations, double saved);
  void check_alike();                     // throws Error kUsage
  [[nodiscard]] double progress() const;  // 0..1
  void set_learning_rates(double done);
  void check_loss(const Figures& figures) const;  // throws Error kTraining
  void step(Figures& figures);
  void update_average();
  void validate(Log& log);
  void write_model();
  [[nodiscard]] std::int64_t burn_in() const { return options_.burn_in.value_or(0); }  // steps
  [[nodiscard]] std::uint32_t frozen() const;  // CRC-32C of what is not trained
  [[nodiscard]] double elapsed() const;        // seconds, earlier runs of a resumed training counted in
  [[nodiscard]] std::string card() const;
  [[nodiscard]] Checkpoint checkpoint() const;

  std::unique_ptr<Task> task_;
  Options options_;
  Outputs outputs_;
  Schedule schedule_;
  std::vector<ParameterGroup> groups_;
  Workers& workers_;  // the optimizer's
  ProcessGroup& processes_;
  Soap optimizer_;
  std::vector<torch::Tensor> parameters_, average_, best_;
  Figures best_figures_, last_figures_;
  std::int64_t step_ = 0, total_steps_ = 0;
  double elapsed_before_ = 0, started_ = 0;
};

}  // namespace vaec::train
