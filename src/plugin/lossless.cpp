// The module vaec_lossless.so: the codec that needs no model.
#include "base/process_state.hpp"
#include "codec/parts.hpp"

extern "C" __attribute__((visibility("default"))) const vaec::codec::LosslessParts* vaec_lossless_module(
    vaec::base::ProcessState& state) {
  vaec::base::adopt(state);
  return &vaec::codec::lossless_parts();
}
