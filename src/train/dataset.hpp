// Training images in memory, as bytes.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "nn/torch.hpp"

namespace vaec::train {

struct Dataset {
  std::vector<torch::Tensor>
      images;  // each uint8 [H, W, 3] (or [H, W, 1] from arrays of grey ones), contiguous, on the CPU
  std::string description;  // "1030 images, 277.7 MP, from photos"
};

// `path`: a folder of images (searched recursively, in sorted order), an IDX3 file (.gz too), a folder that
// holds IDX3 files (`train_split` chooses between train-images* and t10k-images*), a packed data set (*.vpack), or a
// NumPy array (*.npy, see npy_images.hpp) or a folder that holds these and no pictures. Pictures are read by `threads` threads. Unreadable images are left out with a warning; Throws
// Error kUnreadable if none is left.
[[nodiscard]] Dataset load_dataset(const std::filesystem::path& path, bool train_split = true,
                                   int threads = 1);

// The files that load_dataset() would read. Throws Error kUnreadable for a folder that cannot be listed.
[[nodiscard]] std::vector<std::filesystem::path> dataset_files(const std::filesystem::path& path,
                                                               bool train_split);

// Whether `path` is a folder that holds both IDX training images and IDX
// test images (t10k-images*), as MNIST's does.
[[nodiscard]] bool has_test_split(const std::filesystem::path& path);

// Which of `count` images the `fold`-th (from 1) of `folds` parts has, bool [count]: parts of sizes that differ by one at most,
// drawn by lot, the same at every call (a folder may be sorted by class). Throws Error kUsage: fewer images than parts.
[[nodiscard]] torch::Tensor fold_of(std::int64_t count, int fold, int folds);

// 3 if any pixel of any image has a colour, else 1.
[[nodiscard]] int colours_of(const Dataset& dataset);

// All images as one uint8 tensor [N, colours, rows, columns] on the CPU. For `colours` 1 colour is turned to grey (ITU-R
// BT.601 luma), for 3 grey has three equal channels. Throws Error kUnreadable, naming both sizes, unless all are of one size
// of at most `max_side` on each side.
[[nodiscard]] torch::Tensor stack_images(const Dataset& dataset, int colours, std::int64_t max_side);

}  // namespace vaec::train
