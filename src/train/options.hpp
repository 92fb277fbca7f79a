// What `vaec train` can be asked for.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "model/photo_config.hpp"
#include "train/launch.hpp"

namespace vaec::train {

// The network of an `mnist` model, where it is not to be the default or `init`'s (nn/gaussian_vae_config.hpp).
struct GaussianOptions {
  std::string net;                         // "conv" or "dense"
  int width = 0;                           // channels of the convolutions
  std::optional<std::vector<int>> hidden;  // units of the dense layers
  std::string activation;                  // of these
  double dropout = 0;

  bool operator==(const GaussianOptions&) const = default;
};

struct Options {
  std::filesystem::path data;   // a folder of images (searched recursively), an IDX file, a folder of IDX
                                // files, or a packed data set (.vpack)
  std::filesystem::path valid;  // as `data`; empty: a few images held back from `data`
  int fold = 0,
      folds =
          0;  // cross-validation: validates on the fold-th (from 1) of so many parts of `data`; 0: does not
  std::string architecture = "photo";  // "photo" or "mnist"
  std::filesystem::path output;        // the model to write, *.safetensors; beside it *.ckpt, *.jsonl, *.png
  bool overwrite = false;              // what is there of an earlier run
  std::filesystem::path init;          // a model to start from instead of the closed form; empty: none
  std::string only;  // photo: "entropy" trains the entropy model alone, with `init`'s transforms and gains;
                     // empty: everything
  std::filesystem::path resume;  // a checkpoint to go on from, exactly; empty: none
  std::set<std::string>
      given;                 // names of options that were asked for, "--seed": what a resumed training takes
                             // from its checkpoint is the rest (settings.hpp)
  std::int64_t steps = 0;    // stop after so many steps; 0: none (then `minutes` decides)
  double minutes = 0;        // stop after so long; 0: none. Both 0: the architecture's default steps
  int batch = 0;             // 0: the architecture's default
  int crop = 0;              // side of the square crops, a multiple of 64; 0: the default (512 with
                             // `only`)
  double learning_rate = 0;  // 0: the default
  std::string schedule = "cosine";  // of the learning rate: cosine, constant
  // so many steps at first gather the optimizer's statistics and move no weight; empty: the default
  std::optional<std::int64_t> burn_in;
  double enlarged = 0;                    // photo: share of the crops that are enlarged
  double lambda_min = 0, lambda_max = 0;  // photo: the range that quality 1..100 spans; 0: the default
  // photo: trains g_s with its weights rounded as the integer one has them; needs `init`
  bool quantization_aware = false;
  std::string
      distortion;  // photo: as model::distortion_from() takes it; empty: that of `init`, or mse. mnist: "bce", "mse"
  double beta = 1;                 // mnist: weight of the KL term
  GaussianOptions gaussian;        // mnist: the network
  int latent = 0;                  // latent channels (photo) or numbers (mnist); 0: the default
  model::TransformSizes sizes;     // photo: what is asked of g_a and g_s; not less than `init` has
  std::string device = "auto";     // auto, cpu, cuda
  std::string precision = "auto";  // auto, fp32, bf16
  int threads = 1;                 // that compute
  Launch launch;                   // which process of how many this one is; run() asks the environment
  std::uint64_t seed = 1;
  double checkpoint_minutes = 5;  // how often to save
  double validation_minutes = 0;  // how often to validate and write the model; 0: twelve times over the run
  std::string keep = "best";      // the weights that the model gets: of the best validation, or the last
  std::string command;            // the command line, for the model's card
  bool progress = true;           // a progress line on standard error
};

// Throws Error kUsage: options that do not go together.
void check_options(const Options& options);

// Trains and writes the model, its checkpoint (options.output with .ckpt), log (.jsonl) and picture of
// reconstructions (.png, with OpenCV; .ppm without). Those of an earlier run are replaced only if
// options.overwrite says so, or if the run resumes their checkpoint: then the log goes on. SIGINT or SIGTERM
// (base/interrupt.hpp) saves a checkpoint and the model so far, then throws Error kInterrupted. Throws Error:
// kUsage, kUnreadable (data), kWrite, kModel (init, resume), kTraining (the loss is not a number), kLimit.
// Where the environment says that this is one of several processes (launch.hpp), each computes its share of every
// batch, and rank 0 does all the rest and writes all files; what ends one of them ends all. Also throws
// Error kTraining then: a process is gone; rank 0 has saved a checkpoint.
void run(const Options& options);

}  // namespace vaec::train
