// The module vaec_torch.so: everything that needs LibTorch.
#include "codec/torch/parts.hpp"
#include "codec/torch/threads.hpp"
#include "plugin/module.hpp"

#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace {

// LibTorch asks for the same large blocks again and again: they are kept,
// rather than fetched as fresh pages each time.
void keep_large_blocks() {
#ifdef __GLIBC__
  constexpr int kLargest = 1 << 30;
  mallopt(M_MMAP_THRESHOLD, kLargest);
  mallopt(M_TRIM_THRESHOLD, kLargest);
#endif
}

}  // namespace

extern "C" const vaec::plugin::TorchModule* vaec_torch_module() {
  using namespace vaec;
  keep_large_blocks();
  static const plugin::TorchModule module{
      &codec::linked_torch_parts(),
      [](const train::Options& options, const train::ImageReader& reader, const train::ImageWriter& writer) {
        codec::use_callers_threads();
        if (reader) train::set_image_io(reader, writer);
        train::run(options);
      }};
  return &module;
}
