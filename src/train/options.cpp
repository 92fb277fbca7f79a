#include "train/options.hpp"

#include "vaec/error.hpp"

namespace vaec::train {
namespace {

// What --only cannot go with.
void check_only(const Options& options) {
  if (options.only.empty()) return;
  const auto refuse = [](const std::string& why) { throw Error(ErrorCode::kUsage, "--only" + why); };
  if (options.only != "entropy") refuse(" is entropy, not " + options.only);
  if (options.architecture != "photo")
    refuse(": an " + options.architecture + " model has no part to train alone");
  if (options.init.empty())
    refuse(" entropy: name the model whose entropy model is to be trained with --init");
  if (options.sizes != model::TransformSizes{} || !options.distortion.empty()) {
    refuse(
        " entropy: --blocks, --channels, --analysis-blocks, --analysis-channels, --skip and --distortion are "
        "of transforms that learn");
  }
}

// What is asked of a network that the architecture does not have would be done by none.
void check_architecture(const Options& options) {
  const Options none;
  const bool photo = options.architecture == "photo";
  const auto refuse = [&](const char* what) {
    throw Error(ErrorCode::kUsage, std::string(what) + ": not of --arch " + options.architecture);
  };
  if (photo && options.gaussian != none.gaussian) refuse("--net, --width, --hidden, --activation, --dropout");
  if (photo && options.beta != none.beta) refuse("--beta");
  if (photo && options.distortion == "bce") refuse("--distortion bce");
  if (photo) {
    if (options.distortion.empty()) return;
    try {
      (void)model::distortion_from(options.distortion);
    } catch (const Error& error) {
      throw Error(ErrorCode::kUsage, std::string("--") + error.what());
    }
    return;
  }
  if (!options.distortion.empty() && options.distortion != "mse" && options.distortion != "bce")
    refuse(("--distortion " + options.distortion).c_str());
  if (options.sizes != none.sizes)
    refuse("--blocks, --channels, --skip, --analysis-blocks, --analysis-channels");
  if (options.crop != none.crop || options.enlarged != none.enlarged) refuse("--crop, --enlarged");
  if (options.lambda_min != none.lambda_min || options.lambda_max != none.lambda_max)
    refuse("--lambda-min, --lambda-max");
}

void check_fold(const Options& options) {
  if (options.folds == 0) return;
  const auto refuse = [](const std::string& why) { throw Error(ErrorCode::kUsage, "--fold" + why); };
  if (options.folds < 2 || options.fold < 1 || options.fold > options.folds)
    refuse(": expected I/K with I from 1 to K, K at least 2, like 2/5");
  if (!options.valid.empty()) refuse(": what is validated on is a part of --data, not --valid");
}

void check_quantization_aware(const Options& options) {
  if (!options.quantization_aware) return;
  const auto refuse = [](const std::string& why) {
    throw Error(ErrorCode::kUsage, "--quantization-aware" + why);
  };
  if (options.architecture != "photo") refuse(": an " + options.architecture + " model has no integers");
  if (options.init.empty()) refuse(": name the model whose weights are to be rounded with --init");
  if (!options.only.empty()) refuse(": --only entropy leaves the synthesis as it is");
}

}  // namespace

void check_options(const Options& options) {
  if (options.output.extension() != ".safetensors") {
    throw Error(ErrorCode::kUsage, "-o " + options.output.string() + ": a model's name ends in .safetensors");
  }
  if (options.architecture != "photo" && options.architecture != "mnist")
    throw Error(ErrorCode::kUsage, "--arch is photo or mnist, not " + options.architecture);
  check_only(options);
  check_architecture(options);
  check_fold(options);
  check_quantization_aware(options);
}

}  // namespace vaec::train
