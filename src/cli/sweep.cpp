// vaec sweep: many trainings, compared by cross-validation, and the best design trained on everything.
#include <spdlog/spdlog.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <limits>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <vector>

#include "base/atomic_file.hpp"
#include "base/json.hpp"
#include "base/mapped_file.hpp"
#include "base/tell.hpp"
#include "cli/failure.hpp"
#include "cli/log.hpp"
#include "cli/numbers.hpp"
#include "cli/output_folders.hpp"
#include "cli/picture_io.hpp"
#include "cli/program.hpp"
#include "cli/streams.hpp"
#include "cli/sweep_plan.hpp"
#include "cli/sweep_results.hpp"
#include "cli/training_options.hpp"
#include "eval/gnuplot.hpp"
#include "plugin/torch_module.hpp"
#include "vaec/error.hpp"

namespace vaec::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSweepFooter =
    R"(Each of --latent, --beta, --lr, --width and --hidden may list several values, or, with --random, be a range LOW:HIGH.
Examples:
  vaec sweep --data mnist/ --arch mnist --steps 2000 --latent 8,16,32 --beta 0.5,1,2 -o sweep/
                                all combinations
  vaec sweep --data mnist/ --arch mnist --steps 2000 --net dense --hidden 128 256,64 --lr 1e-3,3e-4 -o dense/
                                dense layers: one of 128, or 256 and 64
  vaec sweep --data mnist/ --arch mnist --steps 2000 --random 20 --latent 4:64 --lr 1e-4:1e-2 -o sweep/ --shard 1/4
                                20 drawn from ranges, a quarter of them on this machine
In the folder: a result for each training, the table (table.csv), a plot (plot.png) and best.safetensors. Ctrl-C
stops it; the same command goes on. Machines that share the folder take parts by --shard; whichever
finds all results there makes the table and trains the best.)";

constexpr const char* kPlanFile = "sweep.json";
constexpr const char* kResultFolder = "results";
constexpr std::size_t kMostPlanBytes = std::size_t{1} << 20;

struct SweepCommand {
  train::Options options;  // of every training
  fs::path output;
  std::map<std::string, std::vector<std::string>> texts;  // by axis, as given
  std::map<std::string, std::vector<std::string>> given;  // all options that decide what is trained, as given
  int folds = 5, random = 0;
  std::string shard;
  Verbosity verbosity;
};

struct Training {
  std::size_t point;
  int fold;  // from 1
};

class Sweep {
 public:
  explicit Sweep(const SweepCommand& command)
      : command_(command), score_(score_of(command.options.architecture)) {
    for (const char* name : {"latent", "beta", "lr", "width", "hidden"}) {  // the order of columns and names
      const auto texts = command.texts.find(name);
      if (texts != command.texts.end()) axes_.push_back(parse_axis(name, texts->second));
    }
    points_ = command.random > 0 ? draw_points(axes_, command.random, command.options.seed) : grid_of(axes_);
  }

  void run() {
    check_data();
    set_up_folder();
    train_all();
    const auto results = all_results();
    if (results.empty()) return;
    report(results);
    train_best(results.front());
  }

  [[nodiscard]] bool has_failures() const { return failures_ > 0; }

 private:
  [[nodiscard]] fs::path result_file(const Training& training) const {
    return command_.output / kResultFolder /
           (name_of(axes_, points_[training.point]) + "-fold" + std::to_string(training.fold) + ".json");
  }

  // What the results are of: another sweep's must not be taken for this one's.
  [[nodiscard]] nlohmann::json plan() const {
    nlohmann::json plan = command_.given;
    plan["--data"] = {fs::absolute(command_.options.data).lexically_normal().string()};
    plan["--random"] = command_.random > 0;  // more of them may be drawn later
    return plan;
  }

  // Before there is a folder that belongs to it.
  void check_data() const {
    const auto& data = command_.options.data;
    std::error_code ignored;
    if (!fs::exists(data, ignored))
      throw Error(ErrorCode::kUnreadable, data.string() + ": no such file or folder");
  }

  void set_up_folder() const {
    const auto file = command_.output / kPlanFile;
    std::error_code ignored;
    make_folder(command_.output / kResultFolder);
    if (fs::exists(file, ignored)) {
      const auto mapped = base::map_file(file, ErrorCode::kUnreadable);
      const std::string text(reinterpret_cast<const char*>(mapped.bytes.data()), mapped.bytes.size());
      const auto there = base::parse_json(text, kMostPlanBytes, ErrorCode::kUnreadable, file.string());
      if (there != plan())
        throw Error(ErrorCode::kUsage,
                    file.string() + ": the folder holds another sweep; name another with -o");
      return;
    }
    const auto text = plan().dump(2) + "\n";
    base::write_file(file, std::as_bytes(std::span(text)), /*overwrite=*/true);
  }

  [[nodiscard]] std::vector<Training> trainings() const {
    std::vector<Training> all, kept;
    for (std::size_t point = 0; point < points_.size(); ++point) {
      for (int fold = 1; fold <= command_.folds; ++fold) all.push_back({point, fold});
    }
    if (command_.shard.empty()) return all;
    const auto [part, parts] = parse_part("--shard", command_.shard);
    for (auto i = static_cast<std::size_t>(part - 1); i < all.size(); i += static_cast<std::size_t>(parts))
      kept.push_back(all[i]);
    return kept;
  }

  void train_all() {
    std::vector<Training> todo;
    for (const auto& training : trainings()) {
      if (!load_result(result_file(training))) todo.push_back(training);
    }
    double seconds = 0;
    for (std::size_t i = 0; i < todo.size(); ++i) {
      const auto& training = todo[i];
      const double left =
          i == 0 ? 0 : seconds / static_cast<double>(i) * static_cast<double>(todo.size() - i);
      say(fmt::format("{} of {}: {}, fold {}{}", i + 1, todo.size(), name_of(axes_, points_[training.point]),
                      training.fold, i == 0 ? "" : fmt::format("; about {:.0f} s left", left)));
      const auto result = train(training);
      save_result(result_file(training), result);
      seconds += result.seconds;
    }
  }

  // Leaves nothing but the log; a training that was interrupted goes on from its checkpoint.
  FoldResult train(const Training& training) {
    auto options = options_of(points_[training.point]);
    options.fold = training.fold;
    options.folds = command_.folds;
    options.output = result_file(training).replace_extension(".safetensors");
    FoldResult result;
    try {
      run_training(options);
      result = result_of(options.output, score_);
    } catch (const Error& error) {
      // The others may still learn; what is wrong with the data, or the disk, is so for all.
      if (error.code() != ErrorCode::kTraining) throw;
      result.error = error.what();
      base::tell("vaec: %s: %s\n", name_of(axes_, points_[training.point]).c_str(), error.what());
    }
    for (const char* extension : {".safetensors", ".ckpt", ".png", ".ppm"}) {
      std::error_code ignored;
      fs::remove(fs::path(options.output).replace_extension(extension), ignored);
    }
    return result;
  }

  [[nodiscard]] train::Options options_of(const Point& point) const {
    auto options = command_.options;
    for (std::size_t i = 0; i < axes_.size(); ++i) set_value(options, axes_[i].name, point[i]);
    options.overwrite = true;  // what an earlier try has left in this sweep's own folder
    options.progress = !command_.verbosity.quiet;
    return options;
  }

  void run_training(train::Options options) const {
    const auto checkpoint = fs::path(options.output).replace_extension(".ckpt");
    std::error_code ignored;
    if (fs::exists(checkpoint, ignored)) options.resume = checkpoint;
    const auto level = spdlog::get_level();
    if (!command_.verbosity.verbose) spdlog::set_level(std::max(level, spdlog::level::warn));
    try {
      plugin::torch_module().train(options, picture_io());
    } catch (...) {
      spdlog::set_level(level);
      throw;
    }
    spdlog::set_level(level);
  }

  // Of all points, the best first; none if some are missing.
  [[nodiscard]] std::vector<PointResult> all_results() {
    std::vector<PointResult> results;
    std::size_t missing = 0;
    for (std::size_t point = 0; point < points_.size(); ++point) {
      results.push_back({points_[point], {}});
      for (int fold = 1; fold <= command_.folds; ++fold) {
        const auto result = load_result(result_file({point, fold}));
        if (!result) {
          ++missing;
          continue;
        }
        failures_ += result->error.empty() ? 0 : 1;
        results.back().folds.push_back(*result);
      }
    }
    if (missing > 0) {
      say(fmt::format("{} results of other parts are missing: the table waits for them", missing));
      return {};
    }
    sort_by_score(results);
    return results;
  }

  void report(const std::vector<PointResult>& results) const {
    if (!command_.verbosity.quiet) print(table_of(axes_, results, score_));
    const auto csv = csv_of(axes_, results, score_);
    base::write_file(command_.output / "table.csv", std::as_bytes(std::span(csv)), /*overwrite=*/true);
    try {
      const auto plot = eval::run_gnuplot(
          [&](const fs::path& picture) { return plot_script_of(axes_, results, score_, picture); });
      if (plot) base::write_file(command_.output / "plot.png", *plot, /*overwrite=*/true);
    } catch (const Error& error) {
      if (error.code() != ErrorCode::kUsage) throw;
      base::tell("vaec: no plot: %s\n", error.what());
    }
  }

  void train_best(const PointResult& best) const {
    if (best.folds.empty() || !std::isfinite(best.mean()))
      throw Error(ErrorCode::kTraining, "no design could be trained");
    auto options = options_of(best.point);
    options.output = command_.output / "best.safetensors";
    const auto checkpoint = command_.output / "best.ckpt";
    std::error_code ignored;
    if (fs::exists(options.output, ignored) && !fs::exists(checkpoint, ignored)) return;
    say(fmt::format("{} is the best: it is trained with all images", name_of(axes_, best.point)));
    run_training(options);
    fs::remove(checkpoint, ignored);
  }

  void say(const std::string& text) const {
    if (!command_.verbosity.quiet) base::tell("vaec: %s\n", text.c_str());
  }

  const SweepCommand& command_;
  Score score_;
  std::vector<Axis> axes_;
  std::vector<Point> points_;
  int failures_ = 0;
};

int run_sweep(SweepCommand& command) {
  set_up_log(command.verbosity);
  command.options.threads = usable_threads(command.options.threads);
  Sweep sweep(command);
  sweep.run();
  return sweep.has_failures() ? 1 : 0;
}

}  // namespace

void setup_sweep(CLI::App& app, Program& program) {
  auto command = std::make_shared<SweepCommand>();
  CLI::App* sub = app.add_subcommand("sweep", "Train many designs and compare them by cross-validation");
  sub->footer(kSweepFooter);
  add_training_options(*sub, command->options);
  sub->add_option("-o,--output", command->output, "Folder of the sweep: new, or to go on with")
      ->required()
      ->type_name("DIR");
  sub->add_option("--steps", command->options.steps, "Steps of each training")
      ->required()
      ->transform(whole_number(1, std::numeric_limits<std::int64_t>::max()))
      ->type_name("N");
  const auto add_axis = [&](const char* name, const char* what) {
    sub->add_option("--" + std::string(name), command->texts[name], what)->type_name("A,B,...");
  };
  add_axis("latent", "Latent channels (photo) or numbers (mnist)");
  add_axis("beta", "mnist: weights of the KL term");
  add_axis("lr", "Learning rates");
  add_axis("width", "mnist: channels of the convolutions");
  add_axis("hidden", "mnist: units of the encoder's dense layers, each list an argument: 128,64 256 0");
  sub->add_option("--folds", command->folds, "Parts of the data; each is validated on by one training")
      ->transform(whole_number(2, 1000))
      ->capture_default_str()
      ->type_name("K");
  sub->add_option("--random", command->random, "Draw so many designs in place of the whole grid")
      ->transform(whole_number(1, 100000))
      ->type_name("N");
  sub->add_option("--shard", command->shard, "Train the I-th of N parts of the trainings only")
      ->type_name("I/N");
  add_verbosity(*sub, command->verbosity);
  sub->callback([command, sub, &program] {
    std::erase_if(command->texts, [](const auto& axis) { return axis.second.empty(); });
    constexpr std::array kNotOfTheTrainings{"--output", "--threads", "--shard",
                                            "--device", "--quiet",   "--verbose"};
    for (const auto* option : sub->get_options([](const CLI::Option* o) { return o->count() > 0; })) {
      const auto name = option->get_name();
      if (std::find(kNotOfTheTrainings.begin(), kNotOfTheTrainings.end(), name) == kNotOfTheTrainings.end())
        command->given[name] = option->results();
    }
    command->options.command = program.command_line;
    program.action = [command] { return run_sweep(*command); };
  });
}

}  // namespace vaec::cli
