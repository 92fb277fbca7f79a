// vaec train: a data set -> a model.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <limits>
#include <memory>
#include <vector>

#include "cli/log.hpp"
#include "cli/numbers.hpp"
#include "cli/picture_io.hpp"
#include "cli/program.hpp"
#include "plugin/torch_module.hpp"
#include "train/options.hpp"
#include "vaec/error.hpp"

namespace vaec::cli {
namespace {

constexpr const char* kTrainFooter = R"(Examples:
  vaec train --data my_images/ -o mine.safetensors --minutes 60
  vaec train --data my_images/ --init models/photo-1.safetensors -o mine.safetensors
  vaec train --arch mnist --data mnist/ -o digits.safetensors --steps 20000
  vaec train --data my_images/ -o mine.safetensors --resume mine.ckpt --minutes 120
Beside the model it writes a checkpoint (.ckpt), a log (.jsonl, one JSON object a line) and a
picture of reconstructions (.png). Nothing of an earlier run is overwritten without -f. Ctrl-C saves the
checkpoint and the model so far, and exits with 130.)";

struct TrainCommand {
  train::Options options;
  Verbosity verbosity;
};

int run_train(TrainCommand& command) {
  train::Options& options = command.options;
  if (options.output.empty()) options.output = options.architecture + ".safetensors";
  if (options.output.extension() != ".safetensors") {
    throw Error(ErrorCode::kUsage, options.output.string() + ": a model's name must end in .safetensors");
  }
  if (!options.init.empty()) options.init = find_model(options.init.string());
  set_up_log(command.verbosity);
  options.progress = !command.verbosity.quiet;
  options.threads = usable_threads(options.threads);
  plugin::torch_module().train(options, picture_reader(), picture_writer());
  return 0;
}

}  // namespace

void setup_train(CLI::App& app, Program& program) {
  auto command = std::make_shared<TrainCommand>();
  train::Options& options = command->options;
  options.threads = default_threads();
  CLI::App* sub = app.add_subcommand("train", "Train a model on your own images");
  sub->footer(kTrainFooter);

  sub->add_option("--data", options.data,
                  "Folder of images (searched recursively), IDX file (.gz too), NumPy array (.npy; bytes, or "
                  "floats in "
                  "0..1: [N,H,W], [N,H,W,1] or [N,H,W,3]), folder of either, or .vpack")
      ->required()
      ->type_name("PATH");
  sub->add_option("--valid", options.valid, "Validation images (default: a few held back from --data)")
      ->type_name("PATH");
  sub->add_option("--arch", options.architecture, "photo: any image; mnist: small grey images of one size")
      ->check(CLI::IsMember({"photo", "mnist"}))
      ->capture_default_str();
  sub->add_option("-o,--output", options.output, "Model to write (default: ARCH.safetensors)")
      ->type_name("MODEL");
  sub->add_flag("-f,--force", options.overwrite,
                "Overwrite the model, checkpoint, log and picture of an earlier run");
  sub->add_option("--init", options.init, "Start from this model instead of the closed form")
      ->type_name("MODEL");
  sub->add_option("--only", options.only,
                  "photo: train this part of --init alone: entropy, its entropy model, on latents made once")
      ->check(CLI::IsMember({"entropy"}))
      ->type_name("PART");
  sub->add_option(
         "--resume", options.resume,
         "Go on from this checkpoint, exactly; if it is that of --output, with its model and log too")
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

  sub->add_option("--batch", options.batch, "Images a step (default: the architecture's)")
      ->transform(whole_number(1, 65536))
      ->type_name("N");
  sub->add_option("--crop", options.crop, "photo: side of the square crops, a multiple of 64")
      ->transform(whole_number(64, 4096))
      ->check([](const std::string& text) {
        return parse_whole(text, 4096).value_or(1) % 64 == 0 ? std::string()
                                                             : text + " is not a multiple of 64";
      })
      ->type_name("N");
  sub->add_option("--enlarged", options.enlarged,
                  "photo: share of the crops that are enlarged 1.25 to 3 times, for pictures that are smooth")
      ->transform(share())
      ->capture_default_str()
      ->type_name("X");
  sub->add_option("--lr", options.learning_rate, "Learning rate (default: the architecture's)")
      ->transform(positive_number())
      ->type_name("X");
  sub->add_option("--schedule", options.schedule,
                  "Whether the learning rate falls along a cosine over the run, or stays")
      ->check(CLI::IsMember({"cosine", "constant"}))
      ->capture_default_str();
  sub->add_option("--burn-in", options.burn_in,
                  "So many steps at first gather the optimizer's statistics and move no weight")
      ->transform(whole_number(0, std::numeric_limits<std::int64_t>::max()))
      ->capture_default_str()
      ->type_name("N");
  sub->add_flag(
      "--quantization-aware", options.quantization_aware,
      "photo: train with the synthesis' weights rounded to 8 bits, as the model codes with them; for the "
      "last part of a training, with --init");
  sub->add_option("--lambda-min", options.lambda_min, "photo: rate-distortion trade-off at quality 1")
      ->transform(positive_number())
      ->type_name("X");
  sub->add_option("--lambda-max", options.lambda_max, "photo: rate-distortion trade-off at quality 100")
      ->transform(positive_number())
      ->type_name("X");
  sub->add_option("--distortion", options.distortion,
                  "photo: what to train for, with the rate (default: mse, or what --init was trained for)")
      ->check(CLI::IsMember({"mse", "ms-ssim"}))
      ->type_name("NAME");
  sub->add_option("--beta", options.beta, "mnist: weight of the KL term")
      ->transform(positive_number())
      ->capture_default_str()
      ->type_name("X");
  sub->add_option("--latent", options.latent, "Latent channels (photo) or numbers (mnist)")
      ->transform(whole_number(1, 4096))
      ->type_name("N");
  const auto add_sizes = [&](const char* name, std::array<int, 3>& sizes, std::uint32_t most,
                             const char* what) {
    const auto take = [&sizes](const std::vector<std::uint32_t>& numbers) {
      std::copy(numbers.begin(), numbers.end(), sizes.begin());
    };
    add_numbers(*sub, name, sizes.size(), most, take, what)->type_name("A,B,C");
  };
  add_sizes(
      "--blocks", options.sizes.blocks, 16,
      "photo: residual blocks at 1/4, 1/8 and 1/16 of the resolution (default: 1,1,1, or those of --init, "
      "which may grow)");
  add_sizes("--channels", options.sizes.channels, 1024,
            "photo: channels there (default: 32,64,128, or those of --init, which may grow)");
  sub->add_flag("--skip", options.sizes.skip,
                "photo: with --init, lets g_s's part at 1/4 see the linear branch's picture (new models do)");
  add_sizes("--analysis-blocks", options.sizes.analysis_blocks, 16,
            "photo: blocks of g_a, if other than g_s's");
  add_sizes("--analysis-channels", options.sizes.analysis_channels, 1024,
            "photo: channels of g_a, if other than g_s's");

  sub->add_option("--device", options.device, "Where to train")
      ->check(CLI::IsMember({"auto", "cpu", "cuda"}))
      ->capture_default_str();
  sub->add_option("--precision", options.precision, "Arithmetic of the networks")
      ->check(CLI::IsMember({"auto", "fp32", "bf16"}))
      ->capture_default_str();
  sub->add_option("--seed", options.seed, "Same seed, same machine: same model")
      ->transform(whole_number(0, std::numeric_limits<std::uint64_t>::max()))
      ->capture_default_str()
      ->type_name("N");
  sub->add_option("-j,--threads", options.threads, "Threads (default: all cores)")
      ->transform(whole_number(1, 1024))
      ->type_name("N");
  add_verbosity(*sub, command->verbosity);

  sub->callback([command, &program] {
    command->options.command = program.command_line;
    program.action = [command] { return run_train(*command); };
  });
}

}  // namespace vaec::cli
