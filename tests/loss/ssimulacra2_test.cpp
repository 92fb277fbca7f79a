#include "loss/ssimulacra2.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "eval/ssimulacra2.hpp"
#include "loss/distortion.hpp"
#include "loss/xyb.hpp"
#include "vaec/error.hpp"

namespace vaec::loss {
namespace {

// Waves of all colours with values of 0 to 255, [1, 3, size, size].
torch::Tensor waves(std::int64_t size) {
  const auto y = torch::arange(size, torch::kFloat).reshape({1, -1, 1}),
             x = torch::arange(size, torch::kFloat).reshape({1, 1, -1}),
             c = torch::arange(3, torch::kFloat).reshape({-1, 1, 1});
  const auto value = (x * 0.11 + c).sin() + (y * 0.07 * (c + 1)).cos() + ((x + y) * 0.9).sin() * 0.3;
  return (120 + 50 * value).round().clamp(0, 255).unsqueeze(0);
}

Image image_in(const torch::Tensor& x) {
  const auto bytes = x[0].permute({1, 2, 0}).to(torch::kUInt8).contiguous();
  const auto* samples = bytes.data_ptr<std::uint8_t>();
  const auto side = [&](std::int64_t i) { return static_cast<std::uint32_t>(x.size(i)); };
  return {side(3), side(2), 3, {samples, samples + bytes.numel()}};
}

// What the sum of errors gives as a score.
double score_of(double sum) {
  const double s = sum * 0.9562382616834844;
  return 100 -
         10 * std::pow(s * (2.326765642916932 + s * (-0.020884521182843837 + s * 6.248496625763138e-05)),
                       0.6276336467831387);
}

TEST(Ssimulacra2Error, IsWhatTheScoreIsMadeOf) {
  torch::manual_seed(3);
  const auto a = waves(128);
  for (const double noise : {4, 12, 40}) {
    const auto b = (a + torch::randn_like(a) * noise).round().clamp(0, 255);
    const double sum = ssimulacra2_error(a / 255, b / 255).item<double>();
    EXPECT_NEAR(score_of(sum), *eval::ssimulacra2(image_in(a), image_in(b)), 0.1) << noise;
  }
  // Original and distorted picture are not the same to it: blur is not ringing.
  const auto blurred = torch::avg_pool2d(a, 3, 1, 1, false, false);
  EXPECT_NEAR(score_of(ssimulacra2_error(a / 255, blurred.round() / 255).item<double>()),
              *eval::ssimulacra2(image_in(a), image_in(blurred.round())), 0.1);
}

TEST(Ssimulacra2Error, IsOfEachPictureAndZeroForEqualOnes) {
  const auto a = waves(64) / 255, b = a * 0.9;
  const auto both = ssimulacra2_error(torch::cat({a, a}), torch::cat({a, b}));
  EXPECT_LT(both[0].item<double>(), 0.05);
  EXPECT_NEAR(both[1].item<double>(), ssimulacra2_error(a, b).item<double>(), 1e-3);
}

// The CPU's own way is as exact as LibTorch's: both against LibTorch's in double precision.
TEST(Ssimulacra2Error, IsTheSameInOneGo) {
  torch::manual_seed(4);
  const auto x = waves(96) / 255;
  const auto sharp = (x > 0.5).to(torch::kFloat), dark = x * 0.03;
  using Error = torch::Tensor (*)(const torch::Tensor&, const torch::Tensor&);
  const auto weights = torch::tensor({1.0F, -2.0F});
  const auto gradient = [&](Error error, const torch::Tensor& a, const torch::Tensor& b) {
    const auto x_hat = b.detach().clone().requires_grad_();
    return torch::autograd::grad({(error(a, x_hat) * weights).sum()}, {x_hat})[0];
  };
  const auto difference = [](const torch::Tensor& is,
                             const torch::Tensor& should) {  // of each picture, relative
    return (is - should).flatten(1).norm(2, 1) / should.flatten(1).norm(2, 1);
  };
  for (const auto& one : {x, sharp, dark, x.slice(2, 0, 64), x.slice(3, 0, 32)}) {
    for (const double noise : {0.002, 0.05, 0.6}) {
      const auto a = torch::cat({one, one});
      const auto b =
          torch::cat({one + noise * torch::randn_like(one), torch::avg_pool2d(one, 3, 1, 1, false, false)});
      const auto exact_a = a.to(torch::kFloat64), exact_b = b.to(torch::kFloat64);
      const auto errors = ssimulacra2_error(a, b);
      EXPECT_LT(difference(errors.unsqueeze(1), composed_ssimulacra2_error(exact_a, exact_b).unsqueeze(1))
                    .max()
                    .item<double>(),
                5e-4);
      const auto exact = gradient(composed_ssimulacra2_error, exact_a, exact_b);
      const auto own = difference(gradient(ssimulacra2_error, a, b), exact),
                 of_libtorch = difference(gradient(composed_ssimulacra2_error, a, b), exact);
      EXPECT_TRUE((own < 4 * of_libtorch + 1e-5).all().item<bool>()) << own << of_libtorch;
    }
  }
}

// Steps against the gradient lower every measure, also from pictures that leave 0..1, and never to anything that is not a number.
TEST(Distortion, CanBeTrainedOn) {
  torch::manual_seed(5);
  const auto x = waves(192) / 255;
  for (const char* text : {"mse", "xyb", "ms-ssim", "ssimulacra2", "ms-ssim,mse:0.25"}) {
    const auto weights = model::distortion_from(text);
    auto x_hat = x + 0.2 * torch::randn_like(x);
    const double before = distortion(weights, x_hat, x).item<double>();
    for (int i = 0; i < 5; ++i) {
      x_hat = x_hat.detach().requires_grad_();
      const auto gradient = torch::autograd::grad({distortion(weights, x_hat, x).sum()}, {x_hat})[0];
      ASSERT_TRUE(gradient.isfinite().all().item<bool>()) << text;
      x_hat = x_hat.detach() - 0.02 * gradient.sign();
    }
    EXPECT_LT(distortion(weights, x_hat, x).item<double>(), before) << text;
    const auto same = x.detach().clone().requires_grad_();
    const auto at_rest = torch::autograd::grad({distortion(weights, same, x).sum()}, {same})[0];
    EXPECT_TRUE(at_rest.isfinite().all().item<bool>()) << text;
  }
}

TEST(Distortion, IsWrittenAndReadAsText) {
  for (const char* text :
       {"mse", "xyb", "ms-ssim", "ssimulacra2", "ms-ssim,mse:0.25", "ssimulacra2:2,xyb,mse:0.125"})
    EXPECT_EQ(to_text(model::distortion_from(text)), text);
  EXPECT_EQ(model::distortion_from("mse:0.25,ms-ssim"), model::distortion_from("ms-ssim,mse:0.25"));
  EXPECT_TRUE(model::distortion_from("mse:2").is_mse());
  for (const char* wrong :
       {"", "bce", "mse,mse", "mse:0", "mse:-1", "mse:", "mse:x", "mse:1x", "ms-ssim,,mse", "mse:nan"})
    EXPECT_THROW((void)model::distortion_from(wrong), Error) << wrong;
}

}  // namespace
}  // namespace vaec::loss
