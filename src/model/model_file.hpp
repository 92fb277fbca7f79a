// What makes a .safetensors file a vaec model: its architecture, sizes, id and card.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "model/safetensors.hpp"

namespace vaec::model {

// Keys of `__metadata__` (all values are strings):
//   "format"             "vaec"
//   "vaec.architecture"  "photo" or "mnist"
//   "vaec.config"        JSON object of the architecture's sizes
//   "vaec.card"          JSON object: data, command, steps, seconds, results, ... (free form, for people)
inline constexpr const char* kFormatKey = "format";
inline constexpr const char* kFormatName = "vaec";
inline constexpr const char* kArchitectureKey = "vaec.architecture";
inline constexpr const char* kConfigKey = "vaec.config";
inline constexpr const char* kCardKey = "vaec.card";
inline constexpr std::size_t kMaxConfigBytes = std::size_t{64} << 10;
inline constexpr std::size_t kMaxCardBytes = std::size_t{1} << 20;

// Of what decides decoding: the first 8 bytes of the SHA-256 over the configuration without the members that encoding and
// training alone need, as JSON with sorted members and without blanks; a zero byte; then for each tensor in byte order of
// its name, but for those that encoding and training alone need: the name, a zero byte, the dtype's name, a zero byte,
// each dimension as 8 bytes little-endian, the data (docs/format.md, section 9.4). So a card may be corrected, and a better
// encoder come, without orphaning files. Throws Error kModel: a configuration that is no JSON.
[[nodiscard]] std::array<std::uint8_t, 8> model_id(const SafeTensors& file);

// Of a configuration. Throws Error kModel: a `version` other than 1, which a newer vaec made.
void check_version(const nlohmann::json& config);

// Throws Error kModel if the file is no vaec model.
[[nodiscard]] std::string architecture(const SafeTensors& file);

}  // namespace vaec::model
