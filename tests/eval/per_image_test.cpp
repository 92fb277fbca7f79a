#include "eval/per_image.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "failure.hpp"

namespace vaec::eval {
namespace {

// One picture's own curve: PSNR 28 to 38 dB at `scale` times the same bits.
struct Picture {
  std::string name;
  double scale;
};

Curve curve(const std::vector<Picture>& pictures) {
  Curve result;
  for (const auto& [bpp, psnr] : std::vector<std::pair<double, double>>{{0.2, 28}, {0.5, 32}, {1.4, 38}}) {
    CurvePoint point;
    for (const auto& picture : pictures) {
      ImageResult image;
      image.image = picture.name;
      image.bpp = bpp * picture.scale;
      image.psnr = psnr;
      point.images.push_back(image);
    }
    average(point);
    result.points.push_back(point);
  }
  return result;
}

TEST(PerImage, IsTheMeanOfThePicturesOwn) {
  const auto anchor = curve({{"a.png", 1}, {"b.png", 10}}), test = curve({{"b.png", 9}, {"a.png", 0.5}});
  const auto mean = per_image_bd_rate(anchor, test, Metric::kPsnr);
  ASSERT_TRUE(mean);
  EXPECT_NEAR(mean->percent, (-50 - 10) / 2.0, 1e-9);
  EXPECT_EQ(mean->images, 2U);
}

TEST(PerImage, LeavesOutWhatOnlyOneCurveHas) {
  const auto mean = per_image_bd_rate(curve({{"a.png", 1}, {"b.png", 1}}),
                                      curve({{"a.jpg", 0.7}, {"c.png", 9}}), Metric::kPsnr);
  ASSERT_TRUE(mean);
  EXPECT_NEAR(mean->percent, -30, 1e-9);
  EXPECT_EQ(mean->images, 1U);
}

TEST(PerImage, FindsPicturesByTheirNumbers) {
  const auto anchor = curve({{"1.png", 1}, {"10.png", 2}});
  const auto mean =
      per_image_bd_rate(anchor, curve({{"kodim10.png", 2}, {"kodim01.png", 0.6}}), Metric::kPsnr);
  ASSERT_TRUE(mean);
  EXPECT_NEAR(mean->percent, -20, 1e-9);
  EXPECT_EQ(mean->images, 2U);
  EXPECT_FALSE(per_image_bd_rate(anchor, curve({{"x1.png", 1}, {"y01.png", 1}}), Metric::kPsnr));
}

// x/a.png and y/a.png: in curves of one run the place tells which is which; in others nothing does.
TEST(PerImage, TellsPicturesOfOneNameApartByTheirPlaceOrNotAtAll) {
  const auto anchor = curve({{"a.png", 1}, {"a.png", 10}, {"b.png", 1}}),
             test = curve({{"a.png", 0.5}, {"a.png", 9}, {"b.png", 1}});
  const auto mean = per_image_bd_rate(anchor, test, Metric::kPsnr);
  ASSERT_TRUE(mean);
  EXPECT_NEAR(mean->percent, (-50 - 10) / 3.0, 1e-9);
  EXPECT_EQ(mean->images, 3U);
  for (const auto& other : {curve({{"b.png", 1}, {"a.png", 1}, {"a.png", 1}}), curve({{"a.png", 1}})}) {
    EXPECT_NE(failure(ErrorCode::kUnreadable,
                      [&] { static_cast<void>(per_image_bd_rate(other, test, Metric::kPsnr)); })
                  .find("two pictures are called a"),
              std::string::npos);
  }
}

// PSNR knows no mean of an exact picture and others.
TEST(PerImage, AnExactPictureLeavesTheMeanToTheOthers) {
  CurvePoint point;
  const double infinite = std::numeric_limits<double>::infinity();
  for (const double psnr : {30.0, infinite, 40.0}) {
    ImageResult image;
    image.psnr = psnr;
    point.images.push_back(image);
  }
  average(point);
  EXPECT_EQ(point.psnr, 35);
  EXPECT_EQ(point.exact, 1U);
  point.images = {point.images[1]};
  average(point);
  EXPECT_EQ(point.psnr, infinite);
  EXPECT_EQ(point.exact, 1U);
}

TEST(PerImage, KnowsNothingOfStrangers) {
  EXPECT_FALSE(per_image_bd_rate(curve({{"a.png", 1}}), curve({{"b.png", 1}}), Metric::kPsnr));
  EXPECT_FALSE(per_image_bd_rate(curve({{"a.png", 1}}), curve({{"a.png", 1}}), Metric::kMsSsim));
  EXPECT_FALSE(per_image_bd_rate(Curve{}, Curve{}, Metric::kPsnr));
}

}  // namespace
}  // namespace vaec::eval
