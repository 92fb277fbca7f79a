#include "eval/psnr.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "vaec/error.hpp"

namespace vaec::eval {
namespace {

TEST(Psnr, EqualPicturesAreInfinitelyGood) {
  const Image image{2, 1, 1, {0, 255}};
  EXPECT_TRUE(std::isinf(psnr(image, image)));
}

TEST(Psnr, OneCodeValueEverywhere) {
  // 20 log10(255): a mean squared error of 1.
  EXPECT_NEAR(psnr({2, 1, 3, {1, 2, 3, 4, 5, 6}}, {2, 1, 3, {2, 1, 4, 3, 6, 5}}), 48.1308, 1e-4);
}

TEST(Psnr, BlackAgainstWhiteIsZero) { EXPECT_DOUBLE_EQ(psnr({1, 1, 1, {0}}, {1, 1, 1, {255}}), 0); }

TEST(Psnr, RefusesPicturesOfDifferentSizes) {
  EXPECT_THROW((void)psnr({1, 2, 1, {0, 0}}, {2, 1, 1, {0, 0}}), Error);
}

}  // namespace
}  // namespace vaec::eval
