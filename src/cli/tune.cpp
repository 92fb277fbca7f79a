#include "cli/tune.hpp"

namespace vaec::cli {

CLI::Option* add_tune(CLI::App& app, std::string& model, CLI::Option* model_option) {
  return app
      .add_option_function<std::string>(
          "--tune", [&model](const std::string& goal) { model = goal == "psnr" ? kPsnrModel : kEyeModel; },
          "eye: to look at (the model " + std::string(kEyeModel) +
              "); psnr: for the least squared error (the model " + kPsnrModel + ")")
      ->check(CLI::IsMember({"eye", "psnr"}))
      ->default_str("eye")
      ->excludes(model_option);
}

}  // namespace vaec::cli
