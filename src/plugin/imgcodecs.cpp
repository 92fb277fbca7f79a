// The module vaec_imgcodecs.so: readers and writers of picture files: OpenCV, libjpeg, libpng, Exiv2.
#include "image/imgcodecs.hpp"

#include "base/process_state.hpp"

extern "C" __attribute__((visibility("default"))) const vaec::image::Imgcodecs* vaec_imgcodecs_module(
    vaec::base::ProcessState& state) {
  vaec::base::adopt(state);
  return &vaec::image::linked_imgcodecs();
}
