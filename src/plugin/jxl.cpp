// The module vaec_jxl.so: libjxl.
#include "base/process_state.hpp"
#include "image/formats/modules.hpp"

extern "C" __attribute__((visibility("default"))) const vaec::image::Format* vaec_jxl_module(
    vaec::base::ProcessState& state) {
  vaec::base::adopt(state);
  return &vaec::image::jxl_format();
}
