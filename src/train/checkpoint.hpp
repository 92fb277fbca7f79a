// Training checkpoints: a LibTorch archive with everything that decides how training goes on.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "nn/torch.hpp"
#include "train/task.hpp"

namespace vaec::train {

struct Checkpoint {
  Kept kept;
  std::vector<std::string> names;  // of the trained parameters: tells one architecture from another
  std::uint32_t frozen = 0;        // CRC-32C of those that are not trained; 0: there are none
  std::int64_t step = 0;
  double elapsed = 0;                                    // seconds
  std::vector<torch::Tensor> parameters, average, best;  // `best` may be empty
  std::vector<torch::Tensor> optimizer;                  // its state
  Figures best_figures;
};

// The random state of LibTorch's default CPU generator goes along. As safe as a model
// (base/atomic_file.hpp): an earlier checkpoint stays whole until this one is. Throws Error kWrite.
void write_checkpoint(const std::filesystem::path& file, const Checkpoint& checkpoint);

// What a task is made with that goes on from a checkpoint. Of an earlier vaec's, which does not tell: all empty. Throws
// Error kModel.
[[nodiscard]] Kept read_kept(const std::filesystem::path& file);

// `checkpoint` holds the names, the CRC and the tensors to fill (parameters, average, optimizer); their shapes must be
// those of the file. Throws Error kModel.
void read_checkpoint(const std::filesystem::path& file, Checkpoint& checkpoint);

}  // namespace vaec::train
