#include "train/crops.hpp"

#include <algorithm>
#include <cmath>

#include "train/random.hpp"

namespace vaec::train {
namespace {

// How many pixels a side of `size` has once it is mirrored, and that again, until it holds `least`.
std::int64_t mirrored_size(std::int64_t size, std::int64_t least) {
  while (size < least) size *= 2;
  return size;
}

// `count` rows or columns (dimension `d`) of an image from `first` on; beyond its edge it is mirrored.
torch::Tensor stretch(const torch::Tensor& image, std::int64_t d, std::int64_t first, std::int64_t count) {
  const auto size = image.size(d);
  if (first + count <= size) return image.slice(d, first, first + count);
  const auto at = torch::arange(first, first + count).remainder(2 * size);
  return image.index_select(d, at.minimum(2 * size - 1 - at).to(image.device()));
}

torch::Tensor rectangle(const torch::Tensor& image, std::int64_t top, std::int64_t left, std::int64_t height,
                        std::int64_t width) {
  return stretch(stretch(image, 0, top, height), 1, left, width);
}

// A square of an image, as its samples stand there.
torch::Tensor square(const torch::Tensor& image, std::int64_t top, std::int64_t left, std::int64_t side) {
  return rectangle(image, top, left, side, side);
}

// The mean of each 2x2 pixels of [2 n, 2 n, 3].
torch::Tensor halved(const torch::Tensor& x) {
  const auto n = x.size(0) / 2;
  auto y = x.reshape({n, 2, n, 2, 3});
  y = y.select(1, 0) + y.select(1, 1);
  return (y.select(2, 0) + y.select(2, 1)) / 4;
}

// Keys' cubic convolution (a = -1/2, as most programs enlarge pictures) along one side of an image of `size`
// pixels. The `count` new pixels begin at `start` and stand 1 / scale apart. They are weights [count, n]
// times the n pixels from `first` on; beyond the image's edge its last pixel goes on.
struct Enlargement {
  std::int64_t first = 0;
  torch::Tensor weights;
};

double keys(double distance) {
  const double t = std::abs(distance);
  if (t < 1) return (1.5 * t - 2.5) * t * t + 1;
  return t < 2 ? ((-0.5 * t + 2.5) * t - 4) * t + 2 : 0;
}

Enlargement enlargement(double start, double scale, int count, std::int64_t size) {
  const auto position = [&](int i) { return start + (i + 0.5) / scale - 0.5; };
  const auto inside = [&](std::int64_t at) { return std::clamp<std::int64_t>(at, 0, size - 1); };
  const auto before = [](double at) { return static_cast<std::int64_t>(std::floor(at)); };
  Enlargement result;
  result.first = inside(before(position(0)) - 1);
  const auto last = inside(before(position(count - 1)) + 2);
  result.weights = torch::zeros({count, last - result.first + 1});
  auto weights = result.weights.accessor<float, 2>();
  for (int i = 0; i < count; ++i) {
    const auto near = before(position(i));
    for (auto at = near - 1; at <= near + 2; ++at) {
      weights[i][inside(at) - result.first] +=
          static_cast<float>(keys(position(i) - static_cast<double>(at)));
    }
  }
  return result;
}

}  // namespace

CropSampler::CropSampler(std::vector<torch::Tensor> images, int crop, double enlarged_share)
    : images_(std::move(images)), crop_(crop), enlarged_share_(enlarged_share) {
  double total = 0;
  for (const auto& image : images_) {
    total += static_cast<double>(height(image) * width(image));
    cumulative_.push_back(total);
  }
  for (auto& share : cumulative_) share /= total;
}

std::int64_t CropSampler::height(const torch::Tensor& image) const {
  return mirrored_size(image.size(0), crop_);
}
std::int64_t CropSampler::width(const torch::Tensor& image) const {
  return mirrored_size(image.size(1), crop_);
}

std::size_t CropSampler::choose_image() const {
  const auto found = std::lower_bound(cumulative_.begin(), cumulative_.end(), uniform());
  return std::min<std::size_t>(static_cast<std::size_t>(found - cumulative_.begin()), images_.size() - 1);
}

Crop CropSampler::choose_one() const {
  Crop crop;
  const double kind = uniform();  // drawn first: it depends on no picture
  if (kind < enlarged_share_) {
    crop.scale = kLeastEnlarged * std::pow(kMostEnlarged / kLeastEnlarged, uniform());
    crop.image = choose_image();
    const auto& image = images_[crop.image];
    crop.top = uniform() * (static_cast<double>(height(image)) - crop_ / crop.scale);
    crop.left = uniform() * (static_cast<double>(width(image)) - crop_ / crop.scale);
  } else {
    crop.image = choose_image();
    const auto& image = images_[crop.image];
    const bool wanted = kind < enlarged_share_ + kHalvedShare * (1 - enlarged_share_);
    if (wanted && std::min(height(image), width(image)) >= 2 * crop_) crop.scale = 0.5;
    const auto side = crop.scale < 1 ? 2 * crop_ : crop_;
    crop.top = static_cast<double>(uniform_int(height(image) - side + 1));
    crop.left = static_cast<double>(uniform_int(width(image) - side + 1));
  }
  crop.flipped = uniform() < 0.5;
  return crop;
}

std::vector<Crop> CropSampler::choose(int count) const {
  std::vector<Crop> crops;
  for (int i = 0; i < count; ++i) crops.push_back(choose_one());
  return crops;
}

torch::Tensor CropSampler::cut_one(const Crop& crop) const {
  const auto& image = images_.at(crop.image);
  const auto top = static_cast<std::int64_t>(crop.top), left = static_cast<std::int64_t>(crop.left);
  if (crop.scale == 1) return square(image, top, left, crop_).to(torch::kFloat32);
  if (crop.scale < 1) return halved(square(image, top, left, 2 * crop_).to(torch::kFloat32));

  const auto rows = enlargement(crop.top, crop.scale, crop_, height(image));
  const auto columns = enlargement(crop.left, crop.scale, crop_, width(image));
  const auto source =
      rectangle(image, rows.first, columns.first, rows.weights.size(1), columns.weights.size(1))
          .to(torch::kFloat32)
          .permute({2, 0, 1})
          .contiguous();
  const auto wide = torch::matmul(source, columns.weights.t().to(source.device()));
  // Whole numbers, as every picture has that was enlarged and kept.
  return torch::matmul(rows.weights.to(source.device()), wide).round_().clamp_(0, 255).permute({1, 2, 0});
}

torch::Tensor CropSampler::cut(std::span<const Crop> crops) const {
  std::vector<torch::Tensor> out;
  for (const auto& crop : crops) {
    const auto pixels = cut_one(crop);
    out.push_back(crop.flipped ? pixels.flip({1}) : pixels);
  }
  return torch::stack(out).div_(255).permute({0, 3, 1, 2});
}

torch::Tensor CropSampler::patches(int count, int size) const {
  std::vector<torch::Tensor> out;
  for (int i = 0; i < count; ++i) {
    const auto& image = images_[choose_image()];
    const auto top = uniform_int(height(image) - size + 1), left = uniform_int(width(image) - size + 1);
    out.push_back(square(image, top, left, size));
  }
  return torch::stack(out).to(torch::kFloat32).div_(255).permute({0, 3, 1, 2});
}

}  // namespace vaec::train
