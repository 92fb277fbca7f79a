// vaec train: a data set -> a model.
#include <CLI/CLI.hpp>
#include <filesystem>
#include <limits>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "cli/log.hpp"
#include "cli/numbers.hpp"
#include "cli/picture_io.hpp"
#include "cli/program.hpp"
#include "cli/training_options.hpp"
#include "plugin/torch_module.hpp"
#include "train/options.hpp"
#include "vaec/error.hpp"

namespace vaec::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* kTrainFooter = R"(Examples:
  vaec train --data my_images/ -o mine.safetensors --minutes 60
                                a new model for pictures like these
  vaec train --data my_images/ --init models/photo-1.safetensors -o mine.safetensors --minutes 30
                                the shipped one, tuned to them
  vaec train --arch mnist --data mnist/ -o digits.safetensors --steps 20000
                                a model of digits
  vaec train --data my_images/ --resume mine.ckpt --minutes 120
                                goes on, with the options that it began with
Beside the model it writes a checkpoint (.ckpt), a log (.jsonl, one JSON object a line) and a
picture of reconstructions (.png). Nothing of an earlier run is overwritten without -f. Ctrl-C saves the
checkpoint and the model so far, and exits with 130.)";

struct TrainCommand {
  train::Options options;
  Verbosity verbosity;
};

int run_train(TrainCommand& command) {
  train::Options& options = command.options;
  if (options.output.empty()) {
    fs::path beside = options.resume.empty() ? fs::path(options.architecture) : options.resume;
    options.output = beside.replace_extension(".safetensors");
  }
  if (options.output.extension() != ".safetensors") {
    throw Error(ErrorCode::kUsage, options.output.string() + ": a model's name must end in .safetensors");
  }
  if (options.gaussian.hidden == std::vector{0}) options.gaussian.hidden->clear();
  if (!options.init.empty()) options.init = find_model(options.init.string());
  set_up_log(command.verbosity);
  options.progress = !command.verbosity.quiet;
  options.threads = usable_threads(options.threads);
  plugin::torch_module().train(options, picture_io());
  return 0;
}

}  // namespace

void setup_train(CLI::App& app, Program& program) {
  auto command = std::make_shared<TrainCommand>();
  train::Options& options = command->options;
  CLI::App* sub = app.add_subcommand("train", "Train a model on your own images");
  sub->footer(kTrainFooter);

  add_training_options(*sub, options);
  CLI::Option* valid =
      sub->add_option("--valid", options.valid, "Validation images (default: a few held back from --data)")
          ->type_name("PATH");
  sub->add_option_function<std::string>(
         "--fold",
         [&options](const std::string& text) {
           std::tie(options.fold, options.folds) = parse_part("--fold", text);
         },
         "Cross-validation: validate on the I-th of K parts of --data, train on the others")
      ->excludes(valid)
      ->type_name("I/K");
  sub->add_option("-o,--output", options.output,
                  "Model to write (default: ARCH.safetensors, or beside the checkpoint that is resumed)")
      ->type_name("MODEL");
  sub->add_flag("-f,--force", options.overwrite,
                "Overwrite the model, checkpoint, log and picture of an earlier run");
  sub->add_option("--init", options.init, "Start from this model instead of the closed form")
      ->type_name("MODEL");
  sub->add_option("--only", options.only,
                  "photo: train this part of --init alone: entropy, its entropy model, on latents made once")
      ->check(CLI::IsMember({"entropy"}))
      ->type_name("PART");
  sub->add_option("--resume", options.resume,
                  "Go on from this checkpoint, exactly, with the options that the training began with; if it "
                  "is that of "
                  "--output, with its model and log too")
      ->type_name("CKPT");

  CLI::Option* steps = sub->add_option("--steps", options.steps, "Stop after so many steps");
  steps->transform(whole_number(1, std::numeric_limits<std::int64_t>::max()))->type_name("N");
  sub->add_option("--minutes", options.minutes, "Stop after so many minutes")
      ->transform(positive_number())
      ->excludes(steps)
      ->type_name("M");
  sub->add_option("--checkpoint-minutes", options.checkpoint_minutes, "Save a checkpoint this often")
      ->transform(positive_number())
      ->capture_default_str()
      ->type_name("M");
  sub->add_option("--validation-minutes", options.validation_minutes,
                  "Validate and write the model this often (default: twelve times over the run)")
      ->transform(positive_number())
      ->type_name("M");
  sub->add_option("--keep", options.keep,
                  "Which weights the model gets: those of the best validation, or the last ones")
      ->check(CLI::IsMember({"best", "last"}))
      ->capture_default_str();

  sub->add_option("--lr", options.learning_rate,
                  "Learning rate (default: 1.5e-3, or 2e-4 for all of a model of --init that does not grow; "
                  "mnist: 2e-3)")
      ->transform(positive_number())
      ->type_name("X");
  sub->add_flag(
      "--quantization-aware", options.quantization_aware,
      "photo: train with the synthesis' weights rounded to 8 bits, as the model codes with them; for the "
      "last part of a training, with --init");
  sub->add_option("--beta", options.beta, "mnist: weight of the KL term")
      ->transform(positive_number())
      ->capture_default_str()
      ->type_name("X");
  sub->add_option("--latent", options.latent, "Latent channels (photo) or numbers (mnist)")
      ->transform(whole_number(1, 4096))
      ->type_name("N");
  sub->add_option("--width", options.gaussian.width, "mnist: channels of the convolutions (default: 16)")
      ->transform(whole_number(1, 128))
      ->type_name("N");
  add_list(
      *sub, "--hidden",
      [&hidden = options.gaussian.hidden](const std::string& units) {
        if (!hidden) hidden.emplace();
        hidden->push_back(std::stoi(units));
      },
      "mnist: units of the encoder's dense layers, 0 for none; the decoder has them the other way round "
      "(default: 256,256)",
      whole_number(0, 4096))
      ->type_name("A,B,...");
  add_verbosity(*sub, command->verbosity);

  sub->callback([command, sub, &program] {
    for (const CLI::Option* option : sub->get_options()) {
      if (option->count() > 0) command->options.given.insert(option->get_name());
    }
    command->options.command = program.command_line;
    program.action = [command] { return run_train(*command); };
  });
}

}  // namespace vaec::cli
