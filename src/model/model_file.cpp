#include "model/model_file.hpp"

#include <algorithm>
#include <cstring>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string_view>

#include "base/json.hpp"
#include "base/sha256.hpp"
#include "vaec/error.hpp"
#include "vaec/models.hpp"

namespace vaec::model {

namespace {

// What encoding and training alone need of a model: tensors whose names begin so, members of the configuration.
constexpr std::string_view kNotDecoding[] = {"encoder.",       "g_a.",        "g_s.",     "h_a.",
                                             "hyper_density.", "lf_density.", "log_gain", "log_inverse_gain",
                                             "posterior."};
constexpr const char* kNotDecodingMembers[] = {"analysis", "distortion", "dropout", "lambda_max",
                                               "lambda_min"};

bool decides_decoding(std::string_view name) {
  return std::none_of(std::begin(kNotDecoding), std::end(kNotDecoding),
                      [&](std::string_view prefix) { return name.substr(0, prefix.size()) == prefix; });
}

std::string decoding_config(const SafeTensors& file) {
  const auto text = file.metadata().find(kConfigKey);
  if (text == file.metadata().end()) return {};
  auto config = base::parse_json(text->second, kMaxConfigBytes, ErrorCode::kModel, "model configuration");
  for (const auto* member : kNotDecodingMembers) {
    if (config.is_object()) config.erase(member);
  }
  return config.dump();
}

}  // namespace

std::array<std::uint8_t, 8> model_id(const SafeTensors& file) {
  constexpr std::string_view kZero("\0", 1);
  base::Sha256 hash;
  hash.update(decoding_config(file));
  hash.update(kZero);
  for (const auto& [name, view] : file.tensors()) {  // std::map: in byte order of the names
    if (!decides_decoding(name)) continue;
    hash.update(name);
    hash.update(kZero);
    hash.update(to_string(view.dtype));
    hash.update(kZero);
    for (const auto dimension : view.shape) {
      std::array<std::byte, 8> bytes;
      for (std::size_t i = 0; i < 8; ++i) bytes[i] = static_cast<std::byte>(dimension >> (8 * i));
      hash.update(bytes);
    }
    hash.update(view.data);
  }
  const auto digest = hash.finish();
  std::array<std::uint8_t, 8> id;
  std::copy_n(digest.begin(), id.size(), id.begin());
  return id;
}

void check_version(const nlohmann::json& config) {
  if (config.is_object() && config.contains("version") && config["version"] != 1) {
    throw Error(ErrorCode::kModel, "model configuration: version " + config["version"].dump().substr(0, 40) +
                                       ", this program reads version 1: a newer vaec is needed");
  }
}

std::string architecture(const SafeTensors& file) {
  const auto& metadata = file.metadata();
  const auto format = metadata.find(kFormatKey);
  const auto found = metadata.find(kArchitectureKey);
  if (format == metadata.end() || format->second != kFormatName || found == metadata.end()) {
    throw Error(ErrorCode::kModel,
                "a safetensors file, but not a vaec model: its metadata name no vaec architecture");
  }
  return found->second;
}

}  // namespace vaec::model

namespace vaec {

std::string to_hex(const ModelId& id) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (const auto byte : id) text += {kDigits[byte >> 4], kDigits[byte & 15]};
  return text;
}

}  // namespace vaec
