#include "codec/torch/restore.hpp"

#include <algorithm>
#include <limits>
#include <string>

#include "codec/limits.hpp"
#include "codec/pixels.hpp"
#include "codec/torch/restore_mnist.hpp"
#include "codec/torch/restore_photo.hpp"
#include "model/model_file.hpp"
#include "nn/gaussian_vae_file.hpp"
#include "vaec/error.hpp"

namespace vaec::codec {
namespace {

template <typename Sample>
void merge(const ImageView& image, const Damage& damage, const torch::Tensor& restored,
           const ImageBuffer& to) {
  constexpr double kLargest = std::numeric_limits<Sample>::max();
  const auto planes = image.channels == 1 ? restored.mean(1, true) : restored;
  const auto samples = (planes.nan_to_num(0.0).clamp(0, 1) * kLargest)
                           .round()
                           .to(torch::kInt32)
                           .permute({0, 2, 3, 1})
                           .contiguous();
  const auto* made = samples.data_ptr<std::int32_t>();
  const std::size_t channels = image.channels;
  for (std::size_t y = 0; y < image.height; ++y) {
    const auto* from = row_of<Sample>(image.colour, y);
    auto* row = row_of<Sample>(to.colour, y);
    for (std::size_t x = 0; x < image.width; ++x, made += channels) {
      const bool is_made = damage.noise > 0 || damage.missing[y * image.width + x];
      for (std::size_t c = 0; c < channels; ++c) {
        row[x * channels + c] = is_made ? static_cast<Sample>(made[c]) : from[x * image.colour.step + c];
      }
    }
  }
}

}  // namespace

void check_damage(const ImageView& image, const Damage& damage) {
  check_image(image);
  const auto& missing = damage.missing;
  if (!missing.empty() && missing.size() != std::size_t{image.width} * image.height)
    throw Error(ErrorCode::kUsage, "the missing pixels are those of a picture of another size");
  if (!(damage.noise >= 0 && damage.noise <= 255))
    throw Error(ErrorCode::kUsage, "noise of a standard deviation outside of 0 to 255");
  if (damage.noise == 0 && std::find(missing.begin(), missing.end(), true) == missing.end())
    throw Error(ErrorCode::kUsage, "no pixel is missing and there is no noise: nothing to restore");
  if (!missing.empty() && std::find(missing.begin(), missing.end(), false) == missing.end())
    throw Error(ErrorCode::kUnreadable, "all pixels are missing: there is nothing to go by");
}

torch::Tensor missing_pixels(const ImageView& image, const Damage& damage) {
  auto mask = torch::zeros({1, 1, image.height, image.width});
  auto* to = mask.data_ptr<float>();
  for (const bool is_missing : damage.missing) *to++ = is_missing ? 1 : 0;
  return mask;
}

Image with_restored(const ImageView& image, const Damage& damage, const torch::Tensor& restored) {
  Image result = make_image({image.width, image.height}, image.channels, image.bit_depth, false);
  if (image.bit_depth == 16) {
    merge<std::uint16_t>(image, damage, restored, buffer_of(result));
  } else {
    merge<std::uint8_t>(image, damage, restored, buffer_of(result));
  }
  return result;
}

std::unique_ptr<Restorer> make_restorer(const model::SafeTensors& file) {
  const auto architecture = model::architecture(file);
  if (architecture == nn::kGaussianVaeArchitecture) return make_mnist_restorer(file);
  if (architecture == "photo") return make_photo_restorer(file);
  throw Error(ErrorCode::kModel, "a model of the architecture '" + architecture +
                                     "' cannot restore pictures, only those of 'photo' and 'mnist' can");
}

}  // namespace vaec::codec
