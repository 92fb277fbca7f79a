// What makes a .safetensors file a vaec model: its architecture, sizes, id and card.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
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

// The first 8 bytes of the SHA-256 over, for each tensor in byte order of its name: the name, a zero byte,
// the dtype's name, a zero byte, each dimension as 8 bytes little-endian, then the data. Metadata does not
// count: a card may be corrected without orphaning files.
[[nodiscard]] std::array<std::uint8_t, 8> model_id(const SafeTensors& file);

// Throws Error kModel if the file is no vaec model.
[[nodiscard]] std::string architecture(const SafeTensors& file);

}  // namespace vaec::model
