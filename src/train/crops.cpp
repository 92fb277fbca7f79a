#include "train/crops.hpp"

#include <algorithm>
#include <cmath>

#include "train/random.hpp"

namespace vaec::train {
namespace {

constexpr double kHalvedShare = 0.25;

// Mirrors an image until both sides hold `size` pixels.
torch::Tensor at_least(torch::Tensor image, std::int64_t size) {
  for (std::int64_t d = 0; d < 2; ++d) {
    while (image.size(d) < size) image = torch::cat({image, image.flip({d})}, d);
  }
  return image.contiguous();
}

}  // namespace

CropSampler::CropSampler(std::vector<torch::Tensor> images, int crop)
    : images_(std::move(images)), crop_(crop) {
  double total = 0;
  for (auto& image : images_) {
    image = at_least(image, crop);
    total += static_cast<double>(image.size(0) * image.size(1));
    cumulative_.push_back(total);
  }
  for (auto& share : cumulative_) share /= total;
}

torch::Tensor CropSampler::place(int size) {
  const auto found = std::lower_bound(cumulative_.begin(), cumulative_.end(), uniform());
  const auto& image = images_[std::min<std::size_t>(static_cast<std::size_t>(found - cumulative_.begin()),
                                                    images_.size() - 1)];
  const auto h = std::min<std::int64_t>(size, image.size(0)), w = std::min<std::int64_t>(size, image.size(1));
  const auto side = std::min(h, w);
  const auto top = uniform_int(image.size(0) - side + 1), left = uniform_int(image.size(1) - side + 1);
  return image.slice(0, top, top + side).slice(1, left, left + side);
}

torch::Tensor CropSampler::draw(int batch) {
  std::vector<torch::Tensor> crops;
  for (int i = 0; i < batch; ++i) {
    const bool halved = uniform() < kHalvedShare;
    auto crop = place(halved ? 2 * crop_ : crop_).to(torch::kFloat32);  // [H, W, 3]
    if (crop.size(0) == 2 * crop_) {
      crop = crop.reshape({crop_, 2, crop_, 2, 3});
      crop = (crop.select(1, 0) + crop.select(1, 1));
      crop = (crop.select(2, 0) + crop.select(2, 1)) / 4;
    } else if (crop.size(0) > crop_) {
      crop = crop.slice(0, 0, crop_).slice(1, 0, crop_);
    }
    if (uniform() < 0.5) crop = crop.flip({1});
    crops.push_back(crop);
  }
  return torch::stack(crops).div_(255).permute({0, 3, 1, 2});
}

torch::Tensor CropSampler::patches(int count, int size) {
  std::vector<torch::Tensor> out;
  for (int i = 0; i < count; ++i) out.push_back(place(size));
  return torch::stack(out).to(torch::kFloat32).div_(255).permute({0, 3, 1, 2});
}

}  // namespace vaec::train
