// The module vaec_heif.so: libheif, with all its decoders.
#include "base/process_state.hpp"
#include "image/formats/modules.hpp"

extern "C" __attribute__((visibility("default"))) const vaec::image::Format* vaec_heif_module(
    vaec::base::ProcessState& state) {
  vaec::base::adopt(state);
  return &vaec::image::heif_format();
}
