// The module vaec_imgcodecs.so: what OpenCV does.
#include "base/process_state.hpp"
#include "image/formats/modules.hpp"

extern "C" __attribute__((visibility("default"))) const vaec::image::OpenCvModule* vaec_imgcodecs_module(
    vaec::base::ProcessState& state) {
  vaec::base::adopt(state);
  return &vaec::image::opencv_module();
}
