#include "cli/training_options.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <vector>

#include "cli/numbers.hpp"
#include "cli/program.hpp"

namespace vaec::cli {

void add_training_options(CLI::App& app, train::Options& options) {
  options.threads = default_threads();
  app.add_option("--data", options.data,
                 "Folder of images (searched recursively), IDX file (.gz too), NumPy array (.npy; bytes, or "
                 "floats in 0..1: "
                 "[N,H,W], [N,H,W,1] or [N,H,W,3]), folder of either, or .vpack")
      ->required()
      ->type_name("PATH");
  app.add_option("--arch", options.architecture,
                 "photo: any image; mnist: small images of one size, up to 64x64")
      ->check(CLI::IsMember({"photo", "mnist"}))
      ->capture_default_str();
  app.add_option("--batch", options.batch, "Images a step (default: the architecture's)")
      ->transform(whole_number(1, 65536))
      ->type_name("N");
  app.add_option("--crop", options.crop, "photo: side of the square crops, a multiple of 64")
      ->transform(whole_number(64, 4096))
      ->check([](const std::string& text) {
        return parse_whole(text, 4096).value_or(1) % 64 == 0 ? std::string()
                                                             : text + " is not a multiple of 64";
      })
      ->type_name("N");
  app.add_option("--enlarged", options.enlarged,
                 "photo: share of the crops that are enlarged 1.25 to 3 times, for pictures that are smooth")
      ->transform(share())
      ->capture_default_str()
      ->type_name("X");
  app.add_option("--schedule", options.schedule,
                 "Whether the learning rate falls along a cosine over the run, or stays")
      ->check(CLI::IsMember({"cosine", "constant"}))
      ->capture_default_str();
  app.add_option(
         "--burn-in", options.burn_in,
         "So many steps at first gather the optimizer's statistics and move no weight (default: 0; photo "
         "with --init: 60)")
      ->transform(whole_number(0, std::numeric_limits<std::int64_t>::max()))
      ->type_name("N");
  app.add_option("--lambda-min", options.lambda_min,
                 "photo: rate-distortion trade-off at quality 1 (default: 0.0007, or --init's)")
      ->transform(positive_number())
      ->type_name("X");
  app.add_option("--lambda-max", options.lambda_max,
                 "photo: rate-distortion trade-off at quality 100 (default: 1.2, or --init's)")
      ->transform(positive_number())
      ->type_name("X");
  app.add_option(
         "--distortion", options.distortion,
         "What to train for, with the rate; photo: mse, xyb, ms-ssim or ssimulacra2, or several with their "
         "weights, as ms-ssim,mse:0.25 (default: mse, or what --init was trained for); mnist: bce, the "
         "cross-entropy, or mse (default: bce)")
      ->type_name("NAME");
  app.add_option("--net", options.gaussian.net,
                 "mnist: convolutions before dense layers, or dense layers alone (default: conv)")
      ->check(CLI::IsMember({"conv", "dense"}));
  app.add_option("--activation", options.gaussian.activation, "mnist: of the dense layers (default: silu)")
      ->check(CLI::IsMember({"silu", "relu", "tanh", "sigmoid"}));
  app.add_option("--dropout", options.gaussian.dropout,
                 "mnist: share of the hidden units that each step leaves out")
      ->transform(share())
      ->capture_default_str()
      ->type_name("X");
  const auto add_sizes = [&](const char* name, std::array<int, 3>& sizes, std::uint32_t most,
                             const char* what) {
    const auto take = [&sizes](const std::vector<std::uint32_t>& numbers) {
      std::copy(numbers.begin(), numbers.end(), sizes.begin());
    };
    add_numbers(app, name, sizes.size(), most, take, what)->type_name("A,B,C");
  };
  add_sizes(
      "--blocks", options.sizes.blocks, 16,
      "photo: residual blocks at 1/4, 1/8 and 1/16 of the resolution (default: 1,1,1, or those of --init, "
      "which may grow)");
  add_sizes("--channels", options.sizes.channels, 1024,
            "photo: channels there (default: 32,64,128, or those of --init, which may grow)");
  app.add_flag("--skip", options.sizes.skip,
               "photo: with --init, lets g_s's part at 1/4 see the linear branch's picture (new models do)");
  add_sizes("--analysis-blocks", options.sizes.analysis_blocks, 16,
            "photo: blocks of g_a, if other than g_s's");
  add_sizes("--analysis-channels", options.sizes.analysis_channels, 1024,
            "photo: channels of g_a, if other than g_s's");

  app.add_option("--device", options.device, "Where to train")
      ->check(CLI::IsMember({"auto", "cpu", "cuda"}))
      ->capture_default_str();
  app.add_option("--precision", options.precision, "Arithmetic of the networks")
      ->check(CLI::IsMember({"auto", "fp32", "bf16"}))
      ->capture_default_str();
  app.add_option("--seed", options.seed, "Same seed, same machine: same model")
      ->transform(whole_number(0, std::numeric_limits<std::uint64_t>::max()))
      ->capture_default_str()
      ->type_name("N");
  app.add_option("-j,--threads", options.threads, "Threads (default: all cores)")
      ->transform(whole_number(1, 1024))
      ->type_name("N");
}

}  // namespace vaec::cli
