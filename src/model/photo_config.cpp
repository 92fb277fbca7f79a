#include "model/photo_config.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <iterator>
#include <nlohmann/json.hpp>
#include <sstream>
#include <utility>

#include "base/json.hpp"
#include "model/model_file.hpp"
#include "vaec/error.hpp"

namespace vaec::model {
namespace {

using nlohmann::json;

json to_object(const TransformConfig& c) {
  json object{{"channels", c.channels}, {"blocks", c.blocks}};
  if (c.skip) object["skip"] = true;
  return object;
}

int integer_in(const json& value, const char* name, int low, int high) {
  if (!value.is_number_integer() || value.get<std::int64_t>() < low || value.get<std::int64_t>() > high) {
    throw Error(ErrorCode::kModel, std::string("model configuration: ") + name + " is " +
                                       value.dump().substr(0, 40) + ", expected an integer in " +
                                       std::to_string(low) + ".." + std::to_string(high));
  }
  return value.get<int>();
}

TransformConfig transform_from(const json& object, const char* name) {
  TransformConfig c;
  for (std::size_t i = 0; i < 3; ++i) {
    c.channels[i] = integer_in(object.at("channels").at(i), name, 1, 1024);
    c.blocks[i] = integer_in(object.at("blocks").at(i), name, 0, 16);
  }
  c.skip = object.value("skip", false);
  return c;
}

std::vector<int> lf_from(const json& array, int latent) {
  if (!array.is_array() || array.empty() || array.size() > kMaxLfChannels) {
    throw Error(ErrorCode::kModel, "model configuration: lf is not a list of 1 to " +
                                       std::to_string(kMaxLfChannels) + " channels");
  }
  std::vector<int> channels;
  for (const auto& channel : array) {
    channels.push_back(integer_in(channel, "lf", channels.empty() ? 0 : channels.back() + 1, latent - 1));
  }
  return channels;
}

// Two 3x3 convolutions a block; a block at 1/8 reaches half as far as one at 1/16. The stem (3x3 at 1/4)
// counts once, and so does what skips the coarser stages.
int halo(const TransformConfig& c) {
  const int skip = c.skip ? 1 : 0;
  return (2 * c.blocks[2] * 4 + 2 * c.blocks[1] * 2 + 2 * c.blocks[0] + skip + 1 + 3) / 4;
}

}  // namespace

namespace {

constexpr std::pair<const char*, double Distortion::*> kDistortions[] = {
    {"ms-ssim", &Distortion::ms_ssim},
    {"ssimulacra2", &Distortion::ssimulacra2},
    {"xyb", &Distortion::xyb},
    {"mse", &Distortion::mse}};

}  // namespace

std::string to_text(const Distortion& distortion) {
  std::string text;
  for (const auto& [name, weight] : kDistortions) {
    if (distortion.*weight == 0) continue;
    if (!text.empty()) text += ',';
    text += name;
    if (distortion.*weight == 1) continue;
    std::array<char, 32> number{};
    std::snprintf(number.data(), number.size(), ":%.9g", distortion.*weight);
    text += number.data();
  }
  return text;
}

Distortion distortion_from(const std::string& text) {
  Distortion distortion{.mse = 0};
  std::istringstream terms(text);
  int count = 0;
  for (std::string term; std::getline(terms, term, ','); ++count) {
    const auto colon = term.find(':');
    const std::string name = term.substr(0, colon);
    const auto* found = std::find_if(std::begin(kDistortions), std::end(kDistortions),
                                     [&](const auto& known) { return name == known.first; });
    double weight = 1;
    if (colon != std::string::npos) {
      const char *begin = term.data() + colon + 1, *end = term.data() + term.size();
      const auto [stop, error] = std::from_chars(begin, end, weight);
      if (error != std::errc() || stop != end || !(weight > 0 && weight <= 1000)) weight = 0;
    }
    if (found == std::end(kDistortions) || weight == 0 || distortion.*(found->second) != 0) {
      throw Error(ErrorCode::kModel,
                  "distortion '" + text.substr(0, 80) +
                      "' is not mse, xyb, ms-ssim or ssimulacra2, or several of them with commas "
                      "between, each with its weight (ms-ssim,mse:0.25)");
    }
    distortion.*(found->second) = weight;
  }
  if (count == 0) throw Error(ErrorCode::kModel, "distortion is empty");
  return distortion;
}

namespace {

Distortion distortion_or_unknown(const std::string& text) {
  try {
    return distortion_from(text);
  } catch (const Error&) {
    return {.mse = 0};
  }
}

}  // namespace

const std::string PhotoConfig::kLambdaRange = "expected 0 < min < max < 1000000";

bool PhotoConfig::has_lambda_range() const {
  constexpr double kLargest = 1e6;
  return lambda_min > 0 && lambda_min < lambda_max && lambda_max < kLargest;
}

double PhotoConfig::lambda(double quality) const {
  const double t = (quality - kMinQuality) / (kMaxQuality - kMinQuality);
  return lambda_min * std::pow(lambda_max / lambda_min, t);
}

std::string PhotoConfig::to_json() const {
  return json{{"latent", latent},
              {"hyper", hyper},
              {"hyper_width", hyper_width},
              {"context_width", context_width},
              {"levels", levels},
              {"lf_width", lf_width},
              {"lf", lf},
              {"analysis", to_object(analysis)},
              {"synthesis", to_object(synthesis)},
              {"lambda_min", lambda_min},
              {"lambda_max", lambda_max},
              {"distortion", to_text(distortion)}}
      .dump();
}

PhotoConfig PhotoConfig::from_json(const std::string& text) {
  try {
    const json object = base::parse_json(text, kMaxConfigBytes, ErrorCode::kModel, "model configuration");
    check_version(object);
    PhotoConfig c;
    c.latent = integer_in(object.at("latent"), "latent", 1, 1024);
    c.hyper = integer_in(object.at("hyper"), "hyper", 1, 1024);
    c.hyper_width = integer_in(object.at("hyper_width"), "hyper_width", 1, 1024);
    c.context_width = integer_in(object.at("context_width"), "context_width", 1, 1024);
    c.levels = integer_in(object.at("levels"), "levels", 2, 100);
    c.lf_width = integer_in(object.at("lf_width"), "lf_width", 1, 1024);
    c.lf = lf_from(object.at("lf"), c.latent);
    c.analysis = transform_from(object.at("analysis"), "analysis");
    c.synthesis = transform_from(object.at("synthesis"), "synthesis");
    c.lambda_min = object.at("lambda_min").get<double>();
    c.lambda_max = object.at("lambda_max").get<double>();
    if (!c.has_lambda_range()) {
      throw Error(ErrorCode::kModel, "model configuration: lambda_min and lambda_max: " + kLambdaRange);
    }
    c.distortion = distortion_or_unknown(object.value("distortion", "mse"));
    return c;
  } catch (const json::exception& e) {
    throw Error(ErrorCode::kModel, std::string("model configuration is not as expected: ") + e.what());
  }
}

PhotoConfig PhotoConfig::from_file(const SafeTensors& file) {
  if (const auto found = model::architecture(file); found != "photo") {
    throw Error(ErrorCode::kModel, "model: its architecture is " + found + ", expected photo");
  }
  const auto config = file.metadata().find(kConfigKey);
  if (config == file.metadata().end()) {
    throw Error(ErrorCode::kModel, "model: no configuration in its metadata");
  }
  return from_json(config->second);
}

std::vector<bool> PhotoConfig::is_lf() const {
  std::vector<bool> is(static_cast<std::size_t>(latent));
  for (const int channel : lf) is[static_cast<std::size_t>(channel)] = true;
  return is;
}

void PhotoConfig::set(const TransformSizes& sizes) {
  const auto take = [](std::array<int, 3>& to, const std::array<int, 3>& from) {
    for (std::size_t stage = 0; stage < to.size(); ++stage) {
      if (from[stage] > 0) to[stage] = from[stage];
    }
  };
  for (auto* side : {&analysis, &synthesis}) {
    take(side->channels, sizes.channels);
    take(side->blocks, sizes.blocks);
  }
  analysis.skip |= sizes.skip;
  synthesis.skip |= sizes.skip;
  take(analysis.channels, sizes.analysis_channels);
  take(analysis.blocks, sizes.analysis_blocks);
}

int PhotoConfig::synthesis_halo() const { return halo(synthesis); }

double level_position(double quality, int levels) {
  return (quality - kMinQuality) / (kMaxQuality - kMinQuality) * (levels - 1);
}

int nearest_level(int quality, int levels) {
  // round((quality - 1) / 99 * (levels - 1)) in integers: a decoder must agree on it.
  return (2 * (quality - kMinQuality) * (levels - 1) + (kMaxQuality - kMinQuality)) /
         (2 * (kMaxQuality - kMinQuality));
}

}  // namespace vaec::model
