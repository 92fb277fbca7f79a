#include "train/settings.hpp"

#include <nlohmann/json.hpp>

#include "base/json.hpp"
#include "vaec/error.hpp"

namespace vaec::train {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxBytes = std::size_t{1} << 16;

enum class Change { kNever, kAllowed };  // from one run of a training to the next

template <typename T>
void put(json& to, const T& value) {
  to = value;
}
template <typename T>
void put(json& to, const std::optional<T>& value) {
  to = value ? json(*value) : json();
}
void put(json& to, const std::filesystem::path& value) {
  to = value.empty() ? std::string() : std::filesystem::absolute(value).string();
}

template <typename T>
void take(const json& from, T& value) {
  value = from.get<T>();
}
template <typename T>
void take(const json& from, std::optional<T>& value) {
  if (from.is_null()) {
    value.reset();
  } else {
    value = from.get<T>();
  }
}
void take(const json& from, std::filesystem::path& value) { value = from.get<std::string>(); }

// visit(name, member of `o`, whether it may change) for each that is kept. What is not here is asked for anew each time:
// the data, how long, where to, how often, with what.
template <typename O, typename Visit>
void for_each_setting(O& o, const Visit& visit) {
  visit("--arch", o.architecture, Change::kNever);
  visit("--only", o.only, Change::kNever);
  visit("--quantization-aware", o.quantization_aware, Change::kNever);
  visit("--fold", o.fold, Change::kNever);
  visit("--fold (its K)", o.folds, Change::kNever);
  visit("--seed", o.seed, Change::kNever);
  visit("--lambda-min", o.lambda_min, Change::kNever);
  visit("--lambda-max", o.lambda_max, Change::kNever);
  visit("--distortion", o.distortion, Change::kNever);
  visit("--beta", o.beta, Change::kNever);
  visit("--latent", o.latent, Change::kNever);
  visit("--blocks", o.sizes.blocks, Change::kNever);
  visit("--channels", o.sizes.channels, Change::kNever);
  visit("--analysis-blocks", o.sizes.analysis_blocks, Change::kNever);
  visit("--analysis-channels", o.sizes.analysis_channels, Change::kNever);
  visit("--skip", o.sizes.skip, Change::kNever);
  visit("--net", o.gaussian.net, Change::kNever);
  visit("--width", o.gaussian.width, Change::kNever);
  visit("--hidden", o.gaussian.hidden, Change::kNever);
  visit("--activation", o.gaussian.activation, Change::kNever);
  visit("--dropout", o.gaussian.dropout, Change::kNever);
  visit("--valid", o.valid, Change::kAllowed);
  visit("--init", o.init, Change::kAllowed);  // whose weights count is for who reads them to check
  visit("--batch", o.batch, Change::kAllowed);
  visit("--crop", o.crop, Change::kAllowed);
  visit("--enlarged", o.enlarged, Change::kAllowed);
  visit("--lr", o.learning_rate, Change::kAllowed);
  visit("--schedule", o.schedule, Change::kAllowed);
  visit("--burn-in", o.burn_in, Change::kAllowed);
  visit("--keep", o.keep, Change::kAllowed);
  visit("--precision", o.precision, Change::kAllowed);
}

json as_json(const Options& options) {
  auto object = json::object();
  for_each_setting(options, [&](const char* name, const auto& value, Change) { put(object[name], value); });
  return object;
}

}  // namespace

std::string settings_of(const Options& options) {
  return as_json(options).dump(-1, ' ', false, json::error_handler_t::replace);
}

Options with_settings(const Options& options, const std::string& settings) try {
  const auto saved = base::parse_json(settings, kMaxBytes, ErrorCode::kModel, "the checkpoint's options");
  const auto given = as_json(options), unasked = as_json(Options());
  Options whole = options;
  for_each_setting(whole, [&](const char* name, auto& value, Change change) {
    if (!saved.contains(name)) return;
    if (!options.given.contains(name) && given[name] == unasked[name]) {
      take(saved[name], value);
    } else if (change == Change::kNever && given[name] != saved[name]) {
      throw Error(ErrorCode::kUsage, std::string(name) + ": this training has " + saved[name].dump() +
                                         ", not " + given[name].dump() +
                                         "; to resume it, leave the option away");
    }
  });
  return whole;
} catch (const json::exception& error) {
  throw Error(ErrorCode::kModel,
              std::string("the checkpoint's options are not as expected: ") + error.what());
}

}  // namespace vaec::train
