#include "loss/ms_ssim.hpp"

#include <gtest/gtest.h>

#include "eval/ms_ssim.hpp"

namespace vaec::loss {
namespace {

torch::Tensor picture(std::int64_t h, std::int64_t w) {
  const auto y = torch::arange(h, torch::kFloat32).reshape({1, h, 1});
  const auto x = torch::arange(w, torch::kFloat32).reshape({1, 1, w});
  const auto c = torch::arange(3, torch::kFloat32).reshape({3, 1, 1});
  return ((torch::sin(x * 0.11 + c) + torch::cos(y * 0.07 * (c + 1))) * 50 + 128).round().unsqueeze(0);
}

Image image_of(const torch::Tensor& values) {
  Image image{static_cast<std::uint32_t>(values.size(3)), static_cast<std::uint32_t>(values.size(2)), 3, {}};
  const auto bytes = values.squeeze(0).permute({1, 2, 0}).to(torch::kUInt8).contiguous();
  image.samples.assign(bytes.data_ptr<std::uint8_t>(), bytes.data_ptr<std::uint8_t>() + bytes.numel());
  return image;
}

TEST(MsSsimLoss, IsWhatEvaluateMeasures) {
  torch::manual_seed(2);
  const auto a = picture(192, 256);
  for (const double noise : {2.0, 12.0, 60.0}) {
    const auto b = (a + torch::randn_like(a) * noise).round().clamp(0, 255);
    const auto expected = eval::ms_ssim(image_of(a), image_of(b));
    ASSERT_TRUE(expected);
    EXPECT_NEAR(ms_ssim(a / 255, b / 255).item<double>(), *expected, 2e-5) << "noise " << noise;
  }
}

TEST(MsSsimLoss, KeepsThePicturesApart) {
  torch::manual_seed(2);
  const auto a = picture(192, 192);
  const auto b = (a + torch::randn_like(a) * 20).clamp(0, 255);
  const auto both = ms_ssim(torch::cat({a, a}) / 255, torch::cat({a, b}) / 255);
  EXPECT_NEAR(both[0].item<double>(), 1, 1e-6);
  EXPECT_NEAR(both[1].item<double>(), ms_ssim(a / 255, b / 255).item<double>(), 1e-6);
  EXPECT_LT(both[1].item<double>(), 0.99);
}

// A few steps up its gradient, from noise; a constant picture, whose similarity may be zero, included.
TEST(MsSsimLoss, ItsGradientLeadsToThePicture) {
  torch::manual_seed(2);
  for (const auto& a : {picture(192, 192) / 255, torch::full({1, 3, 192, 192}, 0.4)}) {
    auto b = (a + torch::randn_like(a) * 0.2).clamp(0, 1);
    const double before = ms_ssim(a, b).item<double>();
    for (int i = 0; i < 10; ++i) {
      b = b.detach().set_requires_grad(true);
      const auto gradient = torch::autograd::grad({ms_ssim(a, b).sum()}, {b})[0];
      ASSERT_TRUE(gradient.isfinite().all().item<bool>());
      b = b + gradient / gradient.abs().max() * 0.02;
    }
    EXPECT_GT(ms_ssim(a, b).item<double>(), before);
  }
}

}  // namespace
}  // namespace vaec::loss
