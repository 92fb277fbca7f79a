// The module vaec_torch.so: everything that needs LibTorch.
#pragma once

#include "codec/parts.hpp"
#include "train/image_reader.hpp"
#include "train/options.hpp"

namespace vaec::plugin {

struct TorchModule {
  const codec::TorchParts* parts;
  // Sets how pictures are read and written, then trains, on as many threads as the options say.
  void (*train)(const train::Options& options, const train::ImageReader& reader,
                const train::ImageWriter& writer);
};

// Loads it at the first call. Throws what module_function() does.
[[nodiscard]] const TorchModule& torch_module();

}  // namespace vaec::plugin
