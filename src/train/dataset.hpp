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

// All images as one uint8 tensor [N, 1, rows, columns] on the CPU, colour turned to grey (ITU-R BT.601 luma).
// Throws Error kUnreadable, naming both sizes, unless all are of one size, a multiple of `multiple` and at
// most `max_side` on each side.
[[nodiscard]] torch::Tensor stack_grey(const Dataset& dataset, std::int64_t max_side, std::int64_t multiple);

}  // namespace vaec::train
