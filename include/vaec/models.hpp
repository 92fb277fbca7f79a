// Where models are, and how a file names the one it needs.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <string>

#include "vaec/export.hpp"

namespace vaec {

// The first 8 bytes of the SHA-256 of a model's tensors: what a .vaec file says about the model it needs. A
// file of Profile::kSmallImage has the first 4 only, the others are 0.
using ModelId = std::array<std::uint8_t, 8>;

// 16 hexadecimal digits.
[[nodiscard]] VAEC_API std::string to_hex(const ModelId& id);

// Finds models: `name` is a path (it has a slash or ends in .safetensors), or a bare name, which is looked up
// in $VAEC_MODEL_PATH, models/ beside the executable and beside this library (or in a parent of its folder,
// for a build tree), then the installed share/vaec/models. Throws Error kModel, naming the places that were
// searched.
[[nodiscard]] VAEC_API std::filesystem::path find_model(const std::string& name);

// The model file in those same places whose id is `id`, all of it or the first 4 bytes if the others are 0.
// Throws Error kModel that names the id.
[[nodiscard]] VAEC_API std::filesystem::path find_model(const ModelId& id);

}  // namespace vaec
