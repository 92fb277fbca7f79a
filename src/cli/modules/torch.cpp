// The module vaec_torch.so: everything that needs LibTorch.
#include "cli/modules/module.hpp"
#include "codec/torch/parts.hpp"
#include "codec/torch/threads.hpp"

extern "C" const vaec::cli::TorchModule* vaec_torch_module() {
  using namespace vaec;
  static const cli::TorchModule module{
      &codec::linked_torch_parts(),
      [](const train::Options& options, const train::ImageReader& reader, const train::ImageWriter& writer) {
        codec::use_callers_threads();
        if (reader) train::set_image_io(reader, writer);
        train::run(options);
      }};
  return &module;
}
