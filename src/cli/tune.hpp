// --tune: which of the shipped photo models codes.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace vaec::cli {

// Their names, see vaec::find_model().
inline constexpr const char *kEyeModel = "photo", *kPsnrModel = "photo-psnr";

// The option sets `model`. It excludes `model_option`, which sets the same.
CLI::Option* add_tune(CLI::App& app, std::string& model, CLI::Option* model_option);

}  // namespace vaec::cli
