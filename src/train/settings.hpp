// The options that a checkpoint keeps, so that a training that goes on from it is the same one.
#pragma once

#include <string>

#include "train/options.hpp"

namespace vaec::train {

// As a JSON object, by their names on the command line.
[[nodiscard]] std::string settings_of(const Options& options);

// `options` with what they leave open as `settings`, a checkpoint's, say. An option counts as given if it is in
// options.given or is not what it is by default. Throws Error kUsage: one that decides what the training is was given and
// differs; kModel: `settings` is none.
[[nodiscard]] Options with_settings(const Options& options, const std::string& settings);

}  // namespace vaec::train
