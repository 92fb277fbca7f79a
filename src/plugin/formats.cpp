// The module vaec_formats.so: PNG, JPEG, WebP, TIFF, JPEG 2000, PNM, GIF; EXIF, XMP and colour profiles.
#include "base/process_state.hpp"
#include "image/formats/modules.hpp"

extern "C" __attribute__((visibility("default"))) const vaec::image::LibraryModule* vaec_formats_module(
    vaec::base::ProcessState& state) {
  vaec::base::adopt(state);
  return &vaec::image::library_module();
}
