// Parts of the program that are loaded when they are first needed, since their libraries take long to load:
// LibTorch half a second, OpenCV's imgcodecs (with GDAL behind it) a tenth. They stand beside the executable,
// or in PREFIX/lib/vaec where the program or the library is installed,
// and use its own code where both have it.
#pragma once

#include <string>

#include "codec/torch_parts.hpp"
#include "train/image_reader.hpp"
#include "train/options.hpp"

namespace vaec::plugin {

// What the module vaec_torch.so gives through its function `vaec_torch_module`.
struct TorchModule {
  const codec::TorchParts* parts;
  // Sets how pictures are read and written, then trains.
  void (*train)(const train::Options& options, const train::ImageReader& reader,
                const train::ImageWriter& writer);
};
using TorchModuleEntry = const TorchModule*();
inline constexpr const char* kTorchModule = "vaec_torch.so";
inline constexpr const char* kTorchEntry = "vaec_torch_module";

// Loads it at the first call. Throws Error kInternal that says why not.
[[nodiscard]] const TorchModule& torch_module();

// The function `entry` of the module `name`. Throws Error kInternal.
[[nodiscard]] void* module_function(const std::string& name, const std::string& entry);

}  // namespace vaec::plugin
