#include "eval/bd_rate.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <utility>
#include <vector>

#include "eval/pchip.hpp"
#include "vaec/error.hpp"

namespace vaec::eval {
namespace {

std::vector<CurvePoint> curve(const std::vector<std::pair<double, double>>& points) {
  std::vector<CurvePoint> result;
  for (const auto& [bpp, psnr] : points) result.push_back({.bpp = bpp, .psnr = psnr});
  return result;
}

// The same with the second number MS-SSIM in dB, and PSNR falling so that nothing can be had from it.
std::vector<CurvePoint> ms_ssim_curve(const std::vector<std::pair<double, double>>& points) {
  std::vector<CurvePoint> result;
  for (const auto& [bpp, decibels] : points) {
    result.push_back({.bpp = bpp, .psnr = -bpp, .ms_ssim = 1 - std::pow(10, -decibels / 10)});
  }
  return result;
}

const std::vector<std::pair<double, double>> kPoints = {{0.2, 28}, {0.4, 31}, {0.8, 34.5}, {1.6, 38}};

TEST(BdRate, SameCurveIsZero) { EXPECT_NEAR(bd_rate(curve(kPoints), curve(kPoints)).percent, 0, 1e-12); }

TEST(BdRate, SeventyPercentOfTheRateIsMinusThirty) {
  auto less = kPoints;
  for (auto& [bpp, psnr] : less) bpp *= 0.7;
  const BdRate result = bd_rate(curve(kPoints), curve(less));
  EXPECT_NEAR(result.percent, -30, 1e-10);
  EXPECT_DOUBLE_EQ(result.low, 28);
  EXPECT_DOUBLE_EQ(result.high, 38);
}

TEST(BdRate, KnownAnswerOverPartOfTheInterval) {
  // log2(rate) is (psnr - 28) / 3 against (psnr - 29) / 3, both straight lines:
  // 2^(-1/3) of the rate everywhere.
  const auto anchor = curve({{1, 28}, {2, 31}, {4, 34}});
  const auto test = curve({{1, 29}, {2, 32}, {4, 35}});
  const BdRate result = bd_rate(anchor, test);
  EXPECT_NEAR(result.percent, -20.6299, 1e-4);
  EXPECT_DOUBLE_EQ(result.low, 29);
  EXPECT_DOUBLE_EQ(result.high, 34);
}

TEST(BdRate, OfMsSsimIsOverItsDecibels) {
  // The same lines as above, 20 dB lower.
  const auto anchor = ms_ssim_curve({{1, 8}, {2, 11}, {4, 14}});
  const auto test = ms_ssim_curve({{1, 9}, {2, 12}, {4, 15}});
  const BdRate result = bd_rate(anchor, test, Metric::kMsSsim);
  EXPECT_NEAR(result.percent, -20.6299, 1e-4);
  EXPECT_NEAR(result.low, 9, 1e-9);
  EXPECT_NEAR(result.high, 14, 1e-9);
  EXPECT_THROW((void)bd_rate(anchor, test, Metric::kPsnr), Error);
}

TEST(BdRate, CurvesWithoutMsSsimHaveNone) {
  EXPECT_THROW((void)bd_rate(curve(kPoints), curve(kPoints), Metric::kMsSsim), Error);
}

TEST(BdRate, LeavesOutPointsWherePsnrFalls) {
  auto bumpy = kPoints;
  bumpy.insert(bumpy.begin() + 2, {0.5, 30.5});
  EXPECT_NEAR(bd_rate(curve(kPoints), curve(bumpy)).percent, 0, 1e-12);
}

TEST(BdRate, RefusesCurvesWithNothingInCommon) {
  EXPECT_THROW((void)bd_rate(curve({{1, 20}, {2, 25}}), curve({{1, 30}, {2, 35}})), Error);
  EXPECT_THROW((void)bd_rate(curve(kPoints), curve({{1, 30}})), Error);
}

TEST(Pchip, KnownValues) {
  // By hand: the slopes are 7/6, 9/13, 36/37, 31/6; the integral by Simpson's rule, exact for cubics.
  const Pchip p({0, 1, 3, 4}, {0, 1, 2, 6});
  EXPECT_NEAR(p(0.5), 0.5592948717948718, 1e-12);
  EXPECT_NEAR(p(2.0), 1.42983367983368, 1e-12);
  EXPECT_NEAR(p(3.7), 4.437797297297298, 1e-12);
  EXPECT_NEAR(p.integral(0.25, 3.5), 4.705982387134731, 1e-12);
}

TEST(Pchip, NeverOvershoots) {
  const Pchip p({0, 1, 2, 3}, {0, 0, 1, 1});
  for (double x = 0; x <= 3; x += 0.01) {
    EXPECT_GE(p(x), 0);
    EXPECT_LE(p(x), 1);
  }
}

}  // namespace
}  // namespace vaec::eval
