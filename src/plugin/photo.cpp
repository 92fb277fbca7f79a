// The module vaec_photo.so: the `photo` codec, and what is below it.
#include "base/process_state.hpp"
#include "codec/parts.hpp"

extern "C" __attribute__((visibility("default"))) const vaec::codec::PhotoParts* vaec_photo_module(
    vaec::base::ProcessState& state) {
  vaec::base::adopt(state);
  return &vaec::codec::photo_parts();
}
