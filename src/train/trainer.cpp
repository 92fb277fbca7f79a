#include "train/trainer.hpp"

#include <spdlog/spdlog.h>

#include <chrono>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "base/interrupt.hpp"
#include "base/progress.hpp"
#include "train/checkpoint.hpp"
#include "train/image_reader.hpp"
#include "train/precision.hpp"
#include "vaec/error.hpp"
#include "vaec/version.hpp"

namespace vaec::train {
namespace {

constexpr std::int64_t kWarmUpSteps = 200;
constexpr double kFinalRate = 0.01;  // share of the learning rate that the cosine ends at
constexpr double kClipNorm = 1.0;
constexpr double kAverageDecay = 0.999;  // of the EMA; smaller at first: (1 + step) / (10 + step)
constexpr int kValidations = 12;         // over a run
constexpr std::int64_t kLogEvery = 50;   // steps
constexpr double kProgressEvery = 1.0;   // seconds

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

std::string clock(double seconds) {
  const auto s = static_cast<std::int64_t>(std::max(0.0, seconds));
  return fmt::format("{}:{:02}:{:02}", s / 3600, s / 60 % 60, s % 60);
}

std::filesystem::path beside(const std::filesystem::path& output, const char* extension) {
  auto path = output;
  return path.replace_extension(extension);
}

std::string words(const Figures& figures) {
  std::string text;
  for (const auto& [name, value] : figures) text += fmt::format("  {} {:.4g}", name, value);
  return text;
}

}  // namespace

// JSON lines beside the model; one object a line, "kind" says what it is.
struct Trainer::Log {
  explicit Log(const std::filesystem::path& file, bool append)
      : out(file, append ? std::ios::app : std::ios::trunc) {
    if (!out) throw Error(ErrorCode::kWrite, file.string() + ": cannot be written");
  }
  void write(const char* kind, std::int64_t step, double seconds, const Figures& figures,
             double images_per_second) {
    nlohmann::json line{{"kind", kind}, {"step", step}, {"seconds", seconds}};
    if (images_per_second > 0) line["images_per_second"] = images_per_second;
    for (const auto& [name, value] : figures) line[name] = value;
    out << line.dump() << std::endl;
  }
  std::ofstream out;
};

Trainer::Trainer(const Options& options, std::unique_ptr<Task> task, Workers& workers)
    : options_(options),
      task_(std::move(task)),
      groups_(task_->parameter_groups()),
      workers_(workers),
      optimizer_(groups_) {
  total_steps_ = options.steps;
  if (options.steps == 0 && options.minutes == 0) total_steps_ = task_->default_steps();
  for (const auto& group : groups_) {
    parameters_.insert(parameters_.end(), group.parameters.begin(), group.parameters.end());
  }
  for (const auto& p : parameters_) average_.push_back(p.detach().clone());
  started_ = now();
}

double Trainer::elapsed() const { return elapsed_before_ + now() - started_; }

double Trainer::progress() const {
  double done = 0;
  if (total_steps_ > 0) done = static_cast<double>(step_) / static_cast<double>(total_steps_);
  if (options_.minutes > 0) done = std::max(done, elapsed() / (options_.minutes * 60));
  return std::min(1.0, done);
}

void Trainer::set_learning_rates(double done) {
  const double warm = std::min(1.0, static_cast<double>(step_ + 1) / kWarmUpSteps);
  const double cosine = kFinalRate + (1 - kFinalRate) * 0.5 * (1 + std::cos(M_PI * done));
  for (std::size_t i = 0; i < groups_.size(); ++i) {
    optimizer_.set_learning_rate(i, groups_[i].learning_rate * warm * cosine);
  }
}

void Trainer::step(Figures& figures) {
  for (auto& p : parameters_) p.mutable_grad() = torch::Tensor();
  task_->add_gradients(figures);
  if (!std::isfinite(figures.at("loss"))) {
    throw Error(
        ErrorCode::kTraining,
        fmt::format("the loss is not a number at step {}; the last checkpoint and the best weights stay: "
                    "resume with a lower --lr",
                    step_));
  }
  torch::nn::utils::clip_grad_norm_(parameters_, kClipNorm);
  optimizer_.step(workers_);
  ++step_;
  update_average();
}

void Trainer::update_average() {
  const torch::NoGradGuard no_grad;
  const double n = static_cast<double>(step_);
  const double decay = std::min(kAverageDecay, (1 + n) / (10 + n));
  for (std::size_t i = 0; i < parameters_.size(); ++i) average_[i].lerp_(parameters_[i], 1 - decay);
}

namespace {

// LibTorch's threads in this thread, for as long as it lives. At other times they would stand at their
// barriers in the way of the workers.
class AllThreads {
 public:
  explicit AllThreads(int count) : before_(at::get_num_threads()) {
    at::set_num_threads(std::max(count, before_));
  }
  ~AllThreads() { at::set_num_threads(before_); }
  AllThreads(const AllThreads&) = delete;
  AllThreads& operator=(const AllThreads&) = delete;

 private:
  int before_;
};

// Puts other values into the parameters for as long as it lives.
class Swapped {
 public:
  Swapped(std::vector<torch::Tensor>& parameters, std::vector<torch::Tensor>& values)
      : parameters_(parameters), values_(values) {
    swap();
  }
  ~Swapped() { swap(); }
  Swapped(const Swapped&) = delete;
  Swapped& operator=(const Swapped&) = delete;

 private:
  void swap() {
    for (std::size_t i = 0; i < parameters_.size(); ++i) {
      auto held = parameters_[i].data();
      parameters_[i].set_data(values_[i]);
      values_[i] = held;
    }
  }
  std::vector<torch::Tensor>&parameters_, &values_;
};

}  // namespace

void Trainer::validate(Log& log) {
  {
    const Swapped with_average(parameters_, average_);
    const AllThreads all_threads(workers_.count());
    auto figures = task_->validate();
    log.write("validation", step_, elapsed(), figures, 0);
    spdlog::info("step {}: validation{}", step_, words(figures));
    if (best_.empty() || figures.at("loss") < best_figures_.at("loss")) {
      best_.clear();
      for (const auto& p : parameters_) best_.push_back(p.detach().clone());
      best_figures_ = figures;
    }
  }
  export_best();
  write_preview();
}

void Trainer::export_best() {
  const Swapped with_best(parameters_, best_);
  task_->export_model(options_.output, card());
}

void Trainer::write_preview() {
  const Swapped with_best(parameters_, best_);
  write_picture(beside(options_.output, ""), task_->preview());
}

std::string Trainer::card() const {
  std::int64_t weights = 0;
  for (const auto& p : parameters_) weights += p.numel();
  nlohmann::json card{{"program", "vaec " VAEC_VERSION},
                      {"data", task_->data_description()},
                      {"command", options_.command},
                      {"seed", options_.seed},
                      {"steps", step_},
                      {"seconds", std::lround(elapsed())},
                      {"batch", task_->batch_size()},
                      {"parameters", weights},
                      {"validation", best_figures_}};
  return card.dump();
}

void Trainer::save_checkpoint() const {
  Checkpoint c;
  c.names = task_->module().named_parameters().keys();
  c.step = step_;
  c.elapsed = elapsed();
  c.parameters = parameters_;
  c.average = average_;
  c.best = best_;
  c.best_figures = best_figures_;
  c.optimizer = optimizer_.state();
  write_checkpoint(beside(options_.output, ".ckpt"), c);
}

void Trainer::load_checkpoint(const std::filesystem::path& file) {
  Checkpoint c;
  c.names = task_->module().named_parameters().keys();
  c.parameters = parameters_;
  c.average = average_;
  c.optimizer = optimizer_.state();
  read_checkpoint(file, c);
  optimizer_.load_state(c.optimizer);
  step_ = c.step;
  elapsed_before_ = c.elapsed;
  best_ = c.best;
  best_figures_ = c.best_figures;
}

void Trainer::run() {
  Log log(beside(options_.output, ".jsonl"), !options_.resume.empty());
  Figures figures;
  started_ = now();
  double shown = now(), saved = now(), speed = 0, speed_from = now();
  std::int64_t speed_step = step_;
  Figures means;  // over the steps since the last line of the log
  int summed = 0;
  int validations = static_cast<int>(progress() * kValidations);
  if (best_.empty()) validate(log);
  while (true) {
    const double done = progress();
    if (done >= 1 || base::stop_requested()) break;
    set_learning_rates(done);
    step(figures);
    if (const double passed = now() - speed_from; passed > 2) {
      speed = static_cast<double>((step_ - speed_step) * task_->batch_size()) / passed;
      speed_from = now();
      speed_step = step_;
    }
    for (const auto& [name, value] : figures) means[name] += value;
    ++summed;
    if (step_ % kLogEvery == 0) {
      for (auto& [name, value] : means) value /= summed;
      log.write("step", step_, elapsed(), means, speed);
      means.clear();
      summed = 0;
    }
    if (options_.progress && now() - shown > kProgressEvery) {
      shown = now();
      const double left = done > 0 ? (now() - started_) * (1 - done) / std::max(1e-9, done) : 0;
      base::show_progress(fmt::format("step {}  {:.0f}%{}  {:.1f} images/s  {} left", step_, 100 * done,
                                      words(figures), speed, clock(left)));
    }
    if (static_cast<int>(progress() * kValidations) > validations) {
      validations = static_cast<int>(progress() * kValidations);
      validate(log);
      speed_from = now();
      speed_step = step_;
    }
    if (now() - saved > options_.checkpoint_minutes * 60) {
      saved = now();
      save_checkpoint();
    }
  }
  if (progress() < 1) {
    save_checkpoint();
    validate(log);
    throw Error(ErrorCode::kInterrupted, fmt::format("stopped at step {}; go on with --resume {}", step_,
                                                     beside(options_.output, ".ckpt").string()));
  }
  validate(log);
  save_checkpoint();
  spdlog::info("{}: written after {} steps, {}", options_.output.string(), step_, clock(elapsed()));
}

void run(const Options& options) {
  if (options.output.extension() != ".safetensors") {
    throw Error(ErrorCode::kUsage, "-o " + options.output.string() + ": a model's name ends in .safetensors");
  }
  torch::manual_seed(options.seed);
  const auto device = choose_device(options.device);
  Workers workers(device.is_cpu() ? at::get_num_threads() : 1);
  std::unique_ptr<Task> task;
  if (options.architecture == "photo") {
    task = make_photo_task(options, device, workers);
  } else if (options.architecture == "mnist") {
    task = make_mnist_task(options, device, workers);
  } else {
    throw Error(ErrorCode::kUsage, "--arch is photo or mnist, not " + options.architecture);
  }
  Trainer trainer(options, std::move(task), workers);
  if (!options.resume.empty()) trainer.load_checkpoint(options.resume);
  trainer.run();
}

}  // namespace vaec::train
