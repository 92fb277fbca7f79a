#include "image/orientation.hpp"

#include <gtest/gtest.h>

#include "image/make_picture.hpp"

namespace vaec::image {
namespace {

// 1 2 3
// 4 5 6 as each orientation has it to be seen (Exif 2.32, figure of tag 274).
const Image kStored{3, 2, 1, {1, 2, 3, 4, 5, 6}};

TEST(Orientation, IsUndoneAsExifSays) {
  const std::vector<Image> expected = {{3, 2, 1, {1, 2, 3, 4, 5, 6}}, {3, 2, 1, {3, 2, 1, 6, 5, 4}},
                                       {3, 2, 1, {6, 5, 4, 3, 2, 1}}, {3, 2, 1, {4, 5, 6, 1, 2, 3}},
                                       {2, 3, 1, {1, 4, 2, 5, 3, 6}}, {2, 3, 1, {4, 1, 5, 2, 6, 3}},
                                       {2, 3, 1, {6, 3, 5, 2, 4, 1}}, {2, 3, 1, {3, 6, 2, 5, 1, 4}}};
  for (int orientation = 1; orientation <= 8; ++orientation) {
    EXPECT_EQ(upright(kStored, orientation), expected[static_cast<std::size_t>(orientation - 1)])
        << orientation;
  }
  for (const int none : {0, -1, 9}) EXPECT_EQ(upright(kStored, none), kStored);
}

// Larger than the squares in which it is done, of every kind of picture: samples and alpha go the same way.
TEST(Orientation, OfEveryKindOfPicture) {
  for (const std::uint32_t depth : {8U, 16U}) {
    for (const std::uint32_t channels : {1U, 3U}) {
      const Image image = with_alpha(make_picture(70, 45, channels), depth);
      for (int orientation = 2; orientation <= 8; ++orientation) {
        const Image turned = upright(image, orientation);
        Image alone{70, 45, 1};
        alone.bit_depth = depth;
        alone.samples = image.alpha;
        alone.samples16 = image.alpha16;
        const Image alpha = upright(alone, orientation);
        EXPECT_EQ(turned.alpha, alpha.samples);
        EXPECT_EQ(turned.alpha16, alpha.samples16);
        constexpr int kBack[] = {0, 1, 2, 3, 4, 5, 8, 7, 6};
        EXPECT_EQ(upright(turned, kBack[orientation]), image) << orientation;
      }
    }
  }
}

TEST(Orientation, TurnsTheResolutionToo) {
  Image image = kStored;
  image.metadata.resolution = {Resolution::Unit::kInch, 300000, 150000};
  EXPECT_EQ(upright(image, 6).metadata.resolution, (Resolution{Resolution::Unit::kInch, 150000, 300000}));
  EXPECT_EQ(upright(image, 3).metadata.resolution, image.metadata.resolution);
}

}  // namespace
}  // namespace vaec::image
