#include "train/trainer.hpp"

#include <spdlog/spdlog.h>

#include <chrono>
#include <cmath>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>

#include "base/crc32c.hpp"
#include "base/interrupt.hpp"
#include "base/progress.hpp"
#include "train/gradient_sum.hpp"
#include "train/image_reader.hpp"
#include "train/launch.hpp"
#include "train/precision.hpp"
#include "train/random.hpp"
#include "train/settings.hpp"
#include "vaec/error.hpp"
#include "vaec/version.hpp"

namespace vaec::train {
namespace {

constexpr double kClipNorm = 1.0;
constexpr double kAverageDecay = 0.999;  // of the EMA; smaller at first: (1 + step) / (10 + step)
constexpr std::int64_t kLogEvery = 50;   // steps
constexpr double kProgressEvery = 1.0;   // seconds
constexpr double kSpeedOver = 2.0;       // seconds of steps that the speed shown is of

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

std::string clock(double seconds) {
  const auto s = static_cast<std::int64_t>(std::max(0.0, seconds));
  return fmt::format("{}:{:02}:{:02}", s / 3600, s / 60 % 60, s % 60);
}

std::string words(const Figures& figures) {
  std::string text;
  for (const auto& [name, value] : figures) text += fmt::format("  {} {:.4g}", name, value);
  return text;
}

std::uint32_t crc_of(const torch::Tensor& tensor) {
  const auto t = tensor.detach().cpu().contiguous();
  return base::crc32c({static_cast<const std::byte*>(t.data_ptr()), t.nbytes()});
}

// Some steps that follow each other.
class Stretch {
 public:
  void add(const Figures& figures, double seconds) {
    for (const auto& [name, value] : figures) sums_[name] += value;
    ++steps_;
    seconds_ += seconds;
  }
  [[nodiscard]] double seconds() const { return seconds_; }
  [[nodiscard]] double images_per_second(int batch) const {
    return seconds_ > 0 ? static_cast<double>(steps_) * batch / seconds_ : 0;
  }
  [[nodiscard]] Figures means() const {
    Figures means = sums_;
    for (auto& [name, value] : means) value /= steps_;
    return means;
  }

 private:
  Figures sums_;
  int steps_ = 0;
  double seconds_ = 0;  // of the steps alone: neither of validations nor of checkpoints
};

}  // namespace

Trainer::Trainer(std::unique_ptr<Task> task, Workers& workers, ProcessGroup& processes)
    : task_(std::move(task)),
      options_(task_->options()),
      outputs_(outputs_of(options_)),
      schedule_(schedule_from(options_.schedule)),
      groups_(task_->parameter_groups()),
      workers_(workers),
      processes_(processes),
      optimizer_(groups_) {
  if (task_->batch_size() < processes.size()) {
    throw Error(ErrorCode::kUsage, fmt::format("--batch: {} pictures are fewer than the {} processes",
                                               task_->batch_size(), processes.size()));
  }
  total_steps_ = options_.steps;
  if (options_.steps == 0 && options_.minutes == 0) total_steps_ = task_->default_steps();
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
  const double share = learning_rate_share(schedule_, step_ - burn_in(), done);
  for (std::size_t i = 0; i < groups_.size(); ++i) {
    optimizer_.set_learning_rate(i, groups_[i].learning_rate * share);
  }
}

void Trainer::check_loss(const Figures& figures) const {
  if (std::isfinite(figures.at("loss"))) return;
  throw Error(
      ErrorCode::kTraining,
      fmt::format("the loss is not a number at step {}; the last checkpoint and the best weights stay: "
                  "resume with a lower --lr",
                  step_));
}

void Trainer::step(Figures& figures) {
  for (auto& p : parameters_) p.mutable_grad() = torch::Tensor();
  const auto random = random_state();
  task_->add_gradients(figures);
  try {
    sum_over_processes(processes_, parameters_, figures);
  } catch (const GroupBroken&) {
    set_random_state(random);  // this step is not made: who resumes makes it
    throw;
  }
  check_loss(figures);
  torch::nn::utils::clip_grad_norm_(parameters_, kClipNorm);
  if (step_++ < burn_in()) {
    optimizer_.gather(workers_);
  } else {
    optimizer_.step(workers_);
    update_average();
  }
}

void Trainer::update_average() {
  const torch::NoGradGuard no_grad;
  const auto n = static_cast<double>(step_ - burn_in());
  const double decay = std::min(kAverageDecay, (1 + n) / (10 + n));
  for (std::size_t i = 0; i < parameters_.size(); ++i) average_[i].lerp_(parameters_[i], 1 - decay);
}

namespace {

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
    last_figures_ = task_->validate();
    log.write("validation", step_, elapsed(), last_figures_, 0);
    spdlog::info("step {}: validation{}", step_, words(last_figures_));
    check_loss(last_figures_);
    if (best_.empty() || last_figures_.at("loss") < best_figures_.at("loss")) {
      best_.clear();
      for (const auto& p : parameters_) best_.push_back(p.detach().clone());
      best_figures_ = last_figures_;
    }
  }
  write_model();
}

void Trainer::write_model() {
  const Swapped with_kept(parameters_, options_.keep == "last" ? average_ : best_);
  task_->export_model(outputs_.model, card());
  write_picture(outputs_.picture, task_->preview());
}

std::string Trainer::card() const {
  std::int64_t weights = 0;
  for (const auto& p : task_->module().parameters()) weights += p.numel();
  nlohmann::json card{{"program", "vaec " VAEC_VERSION},
                      {"data", task_->data_description()},
                      {"command", options_.command},
                      {"seed", options_.seed},
                      {"steps", step_},
                      {"seconds", std::lround(elapsed())},
                      {"batch", task_->batch_size()},
                      {"parameters", weights},
                      {"validation", options_.keep == "last" ? last_figures_ : best_figures_}};
  return card.dump();
}

std::uint32_t Trainer::frozen() const {
  std::vector<std::uint32_t> frozen;
  for (const auto& p : task_->module().parameters()) {
    if (!p.requires_grad()) frozen.push_back(crc_of(p));
  }
  for (const auto& buffer : task_->module().buffers()) frozen.push_back(crc_of(buffer));
  return base::crc32c(std::as_bytes(std::span(frozen)));
}

Checkpoint Trainer::checkpoint() const {
  Checkpoint c;
  c.kept = task_->kept();
  for (const auto& p : task_->module().named_parameters()) {
    if (p.value().requires_grad()) c.names.push_back(p.key());
  }
  c.frozen = frozen();
  c.step = step_;
  c.elapsed = elapsed();
  c.parameters = parameters_;
  c.average = average_;
  c.best = best_;
  c.best_figures = best_figures_;
  c.optimizer = optimizer_.state();
  return c;
}

void Trainer::save_checkpoint() const { write_checkpoint(outputs_.checkpoint, checkpoint()); }

void Trainer::load_checkpoint(const std::filesystem::path& file) {
  Checkpoint c = checkpoint();
  read_checkpoint(file, c);
  optimizer_.load_state(c.optimizer);
  step_ = c.step;
  elapsed_before_ = c.elapsed;
  best_ = c.best;
  best_figures_ = c.best_figures;
}

Trainer::Decision Trainer::decide(const Validations& validations, double saved) {
  const bool stop = base::stop_requested();
  Decision own{0, false, false, stop};
  if (leads()) {
    const double done = progress();
    own = {done, done < 1 && validations.due(step_, now()), now() - saved > options_.checkpoint_minutes * 60,
           stop};
  }
  auto all = torch::tensor({own.done, own.validate ? 1.0 : 0, own.save ? 1.0 : 0, own.stop ? 1.0 : 0},
                           torch::kFloat64);
  processes_.sum(all);
  const auto* said = all.data_ptr<double>();
  return {said[0], said[1] > 0, said[2] > 0, said[3] > 0};
}

// What differs between the processes would make their steps differ without a word.
void Trainer::check_alike() {
  const auto crc = [](const std::string& text) { return base::crc32c(std::as_bytes(std::span(text))); };
  const auto kept = task_->kept();
  std::vector<std::pair<std::string, std::int64_t>> all{
      {"other data (--data)", crc(task_->data_description())}, {"another checkpoint to resume", step_}};
  const auto settings = nlohmann::json::parse(kept.settings);
  for (const auto& [name, value] : settings.items()) {
    const bool is_path = name == "--init" || name == "--valid";  // each machine has its own
    if (!is_path) all.emplace_back("another " + name, crc(value.dump()));
  }
  all.insert(all.end(), {{"another network", crc(kept.config)},
                         {"another --init", frozen()},
                         {"other random numbers", crc_of(random_state())}});
  std::string differs;
  for (const auto& [what, own] : all) {
    auto rank_0 = torch::tensor({own}, torch::kInt64);
    processes_.broadcast(rank_0);
    if (differs.empty() && rank_0.item<std::int64_t>() != own) differs = what;
  }
  auto count = torch::tensor({differs.empty() ? 0 : 1}, torch::kInt64);
  processes_.sum(count);
  if (!differs.empty())
    throw Error(ErrorCode::kUsage, differs + " than rank 0: start all processes with the same");
  if (count.item<std::int64_t>() > 0) throw GroupBroken("a process differs");  // which, it says itself
}

void Trainer::run() {
  check_alike();
  try {
    train();
  } catch (const GroupBroken&) {
    if (leads()) save_checkpoint();
    throw;
  }
}

void Trainer::train() {
  std::optional<Log> log;
  if (leads()) log.emplace(outputs_.log, goes_on(options_));
  started_ = now();
  Validations validations(options_.validation_minutes, total_steps_, options_.minutes);
  const auto validate_now = [&] {
    if (leads()) {
      const double began = now();
      validate(*log);
      validations.made(began, now());
    }
    // Writing a model draws random numbers; and machines of different kinds do not round alike.
    follow_rank_0(processes_, parameters_);
  };
  if (best_.empty()) {
    validate_now();
  } else {
    validations.made(started_, started_);
  }
  double shown = now(), saved = now(), speed = 0;
  Stretch since_line, since_speed;
  Decision next = decide(validations, saved);
  while (next.done < 1 && !next.stop) {
    const double done = next.done, began = now();
    Figures figures;
    set_learning_rates(done);
    step(figures);
    since_line.add(figures, now() - began);
    since_speed.add(figures, now() - began);
    if (since_speed.seconds() > kSpeedOver) {
      speed = since_speed.images_per_second(task_->batch_size());
      since_speed = {};
    }
    if (step_ % kLogEvery == 0) {
      if (log) {
        log->write("step", step_, elapsed(), since_line.means(),
                   since_line.images_per_second(task_->batch_size()));
      }
      since_line = {};
    }
    if (options_.progress && now() - shown > kProgressEvery) {
      shown = now();
      const double left = done > 0 ? (now() - started_) * (1 - done) / std::max(1e-9, done) : 0;
      base::show_progress(fmt::format("step {}  {:.0f}%{}  {:.1f} images/s  {} left", step_, 100 * done,
                                      words(figures), speed, clock(left)));
    }
    next = decide(validations, saved);
    if (next.validate) validate_now();
    if (next.save) {
      if (leads()) save_checkpoint();
      saved = now();
    }
  }
  if (next.done < 1) {
    if (leads()) {
      save_checkpoint();
      validate(*log);
    }
    wait_for_rank_0(processes_);
    throw Error(ErrorCode::kInterrupted, fmt::format("stopped at step {}; go on with --resume {}", step_,
                                                     outputs_.checkpoint.string()));
  }
  if (leads()) {
    validate(*log);
    save_checkpoint();
    spdlog::info("{}: written after {} steps, {}", outputs_.model.string(), step_, clock(elapsed()));
  }
  wait_for_rank_0(processes_);
}

namespace {

void train_in(ProcessGroup& group, const Options& given, torch::Device device) {
  const auto kept = given.resume.empty() ? Kept() : read_kept(given.resume);
  const Options options = given.resume.empty() ? given : with_settings(given, kept.settings);
  check_options(options);
  if (group.rank() == 0) check_outputs(options);
  torch::manual_seed(options.seed);
  Workers workers(at::get_num_threads());
  const auto make = options.architecture == "photo" ? make_photo_task : make_mnist_task;
  Trainer trainer(make(options, device, workers, kept), workers, group);
  if (!options.resume.empty()) trainer.load_checkpoint(options.resume);
  trainer.run();
}

// The error that this process ends with.
Error end_of(ProcessGroup& group, const GroupBroken& broken, const Options& options) {
  const auto why = group.verdict(broken);
  const auto checkpoint = outputs_of(options).checkpoint;
  std::error_code ignored;
  return {why.code(), fmt::format("rank {} of {}: {}{}", group.rank(), group.size(), why.what(),
                                  std::filesystem::exists(checkpoint, ignored)
                                      ? "; go on with --resume " + checkpoint.string()
                                      : "")};
}

}  // namespace

void run(const Options& given) {
  Options options = given;
  options.launch = launch_from([](const char* name) { return std::getenv(name); });
  const auto device = choose_device(options.device, options.launch.local_rank);
  const auto group = join(options.launch, device);
  if (group->rank() != 0) {
    options.progress = false;
    spdlog::set_level(spdlog::level::err);  // rank 0 tells
  }
  try {
    train_in(*group, options, device);
  } catch (const GroupBroken& broken) {
    throw end_of(*group, broken, options);
  } catch (const Error& error) {
    group->give_up(error);
    throw;
  } catch (const std::exception& error) {
    const std::string text = error.what();
    group->give_up(Error(ErrorCode::kTraining, text.substr(0, text.find('\n'))));
    throw;
  }
}

}  // namespace vaec::train
