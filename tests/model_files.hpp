// The models that tests code with.
#pragma once

namespace vaec {

inline constexpr const char* kShippedModel =
    VAEC_SOURCE_DIR "/models/photo-1.safetensors";  // the default, for the eye
inline constexpr const char* kPsnrModel = VAEC_SOURCE_DIR "/models/photo-psnr-1.safetensors";
// Small, and therefore quick.
inline constexpr const char* kTinyModel = VAEC_SOURCE_DIR "/tests/golden/tiny-photo.safetensors";

}  // namespace vaec
