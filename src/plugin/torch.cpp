// The module vaec_torch.so: everything that needs LibTorch.
#include "base/process_state.hpp"
#include "codec/torch/parts.hpp"
#include "codec/torch/threads.hpp"
#include "plugin/torch_module.hpp"
#include "train/idx.hpp"

#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace {

// LibTorch asks for the same large blocks again and again: they are kept, rather than fetched as fresh pages
// each time.
void keep_large_blocks() {
#ifdef __GLIBC__
  constexpr int kLargest = 1 << 30;
  mallopt(M_MMAP_THRESHOLD, kLargest);
  mallopt(M_TRIM_THRESHOLD, kLargest);
#endif
}

}  // namespace

extern "C" __attribute__((visibility("default"))) const vaec::plugin::TorchModule* vaec_torch_module(
    vaec::base::ProcessState& state) {
  using namespace vaec;
  base::adopt(state);
  keep_large_blocks();
  static const plugin::TorchModule module{&codec::linked_torch_parts(),
                                          [](const train::Options& options, const train::ImageIo& io) {
                                            codec::use_threads(options.threads);
                                            if (io.reader) train::set_image_io(io);
                                            train::run(options);
                                          },
                                          train::read_picture_array, train::read_idx_labels,
                                          codec::use_threads};
  return &module;
}
