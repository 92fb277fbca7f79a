// Random crops for training on photographs.
#pragma once

#include <span>
#include <vector>

#include "nn/torch.hpp"

namespace vaec::train {

// Where a crop comes from.
struct Crop {
  std::size_t image = 0;
  double top = 0, left = 0;  // its upper left corner in the image, in pixels; whole unless it is enlarged
  double scale = 1;          // 1/2: halved in size; more than 1: enlarged
  bool flipped = false;
};

// Draws batches of square crops from images in memory: an image by its share of the pixels, at a random
// place, flipped half the time. Some are enlarged, as pictures are that are smooth at the scale of a pixel;
// of the others one in four is halved in size, where the picture is large enough.
class CropSampler {
 public:
  static constexpr double kHalvedShare = 0.25;
  static constexpr double kLeastEnlarged = 1.25, kMostEnlarged = 3;

  // images: uint8 [H, W, 3], all on one device, whose memory is shared. Images smaller than `crop` on a side go on as their
  // mirror images do, from edge to edge. `enlarged_share` of the crops (0..1) are enlarged.
  CropSampler(std::vector<torch::Tensor> images, int crop, double enlarged_share);

  // Random numbers come from LibTorch's default generator.
  [[nodiscard]] std::vector<Crop> choose(int count) const;
  // float32 [N, 3, crop, crop] in 0..1, channels-last. Thread-safe.
  [[nodiscard]] torch::Tensor cut(std::span<const Crop> crops) const;

  // [count, 3, size, size] at random places, unscaled.
  [[nodiscard]] torch::Tensor patches(int count, int size) const;

 private:
  // Of an image, with as many mirror images as a crop needs.
  [[nodiscard]] std::int64_t height(const torch::Tensor& image) const;
  [[nodiscard]] std::int64_t width(const torch::Tensor& image) const;
  [[nodiscard]] Crop choose_one() const;
  [[nodiscard]] std::size_t choose_image() const;
  [[nodiscard]] torch::Tensor cut_one(const Crop& crop) const;  // float32 [crop, crop, 3] in 0..255

  std::vector<torch::Tensor> images_;
  std::vector<double> cumulative_;  // share of the pixels up to and with image i
  int crop_;
  double enlarged_share_;
};

}  // namespace vaec::train
