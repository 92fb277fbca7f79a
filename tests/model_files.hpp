// The models that tests code with.
#pragma once

namespace vaec {

inline constexpr const char* kShippedModel = VAEC_SOURCE_DIR "/models/photo-1.safetensors";
// Small, and therefore quick: without a context in the coder, and with one.
inline constexpr const char* kTinyModel = VAEC_SOURCE_DIR "/tests/golden/tiny-photo.safetensors";
inline constexpr const char* kTinyContextModel = VAEC_SOURCE_DIR "/tests/golden/tiny-context.safetensors";

}  // namespace vaec
