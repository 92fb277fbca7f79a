// The module vaec_torch.so: everything that needs LibTorch.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "codec/parts.hpp"
#include "train/image_reader.hpp"
#include "train/options.hpp"
#include "train/picture_array.hpp"

namespace vaec::plugin {

struct TorchModule {
  const codec::TorchParts* parts;
  // Sets how pictures are found, read and written, then trains, on as many threads as the options say.
  void (*train)(const train::Options& options, const train::ImageIo& io);
  // Pictures and labels of IDX files, and of NumPy's (train/picture_array.hpp, train/idx.hpp).
  train::PictureArray (*read_array)(const std::filesystem::path& file);
  std::vector<std::uint8_t> (*read_idx_labels)(const std::filesystem::path& file);
  // How many threads LibTorch uses for what the calling thread asks of it from now on: a thread of one's own would have all.
  void (*use_threads)(int threads);
};

// Loads it at the first call. Throws what module_function() does.
[[nodiscard]] const TorchModule& torch_module();

}  // namespace vaec::plugin
