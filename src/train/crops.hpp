// Random crops for training on photographs.
#pragma once

#include <vector>

#include "nn/torch.hpp"

namespace vaec::train {

// Draws batches of square crops from images in memory. Random numbers come from LibTorch's default generator.
class CropSampler {
 public:
  // images: uint8 [H, W, 3], all on one device. Images smaller than `crop`
  // on a side are enlarged by reflection.
  CropSampler(std::vector<torch::Tensor> images, int crop);

  // float32 [batch, 3, crop, crop] in 0..1, channels-last: an image by its share of the pixels, a random
  // place, flipped half the time, and one in four halved in size first.
  [[nodiscard]] torch::Tensor draw(int batch);

  // [count, 3, size, size] at random places, unscaled.
  [[nodiscard]] torch::Tensor patches(int count, int size);

 private:
  [[nodiscard]] torch::Tensor place(int size);  // uint8 [size', size', 3]

  std::vector<torch::Tensor> images_;
  std::vector<double> cumulative_;  // share of the pixels up to and with image i
  int crop_;
};

}  // namespace vaec::train
