#include "image/comparison.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "make_picture.hpp"

namespace vaec::image {
namespace {

TEST(Detail, StaysInside) {
  const Image image = make_picture(40, 20, 1);
  EXPECT_EQ(detail_at(image, 3, 4), (Rectangle{3, 4, 10, 5}));
  EXPECT_EQ(detail_at(image, 100, 18), (Rectangle{30, 15, 10, 5}));
  EXPECT_EQ(detail_at(make_picture(2, 1, 1), 0, 0), (Rectangle{0, 0, 1, 1}));
}

TEST(Detail, TheBusiestIsWhereSomethingIs) {
  Image image{64, 64, 1, std::vector<std::uint8_t>(64 * 64, 100)};
  for (std::size_t i = 0; i < 64; ++i) image.samples[(40 + i / 8) * 64 + 20 + i % 8] = i % 2 == 0 ? 0 : 255;
  const Rectangle found = busiest_detail(image);
  EXPECT_LE(found.x, 20U);
  EXPECT_GE(found.x + found.width, 28U);
  EXPECT_LE(found.y, 40U);
  EXPECT_GE(found.y + found.height, 48U);
}

TEST(Detail, EnlargedRepeatsSamples) {
  const Image image{2, 2, 1, {1, 2, 3, 4}};
  EXPECT_EQ(enlarged(image, {1, 0, 1, 2}, 2), (Image{2, 4, 1, {2, 2, 2, 2, 4, 4, 4, 4}}));
}

TEST(Comparison, HasCaptionPictureAndDetail) {
  const Image image = make_picture(40, 20, 3), grey = make_picture(40, 20, 1);
  const std::vector<ComparedImage> images = {{"original", image}, {"other", grey}};
  const Image all = comparison(images, detail_at(image, 8, 4));
  EXPECT_EQ(all.width, 2 * 40U + 8);
  EXPECT_EQ(all.height, 16U + 20 + 8 + 20);
  EXPECT_EQ(all.channels, 3U);
  // The picture stands right below the caption, and the detail at the end.
  EXPECT_EQ(all.samples[(16 * 88 + 0) * 3], image.samples[0]);
  EXPECT_EQ(all.samples[(44 * 88 + 0) * 3], image.samples[(4 * 40 + 8) * 3]);
  EXPECT_EQ(all.samples[(44 * 88 + 48) * 3], grey.samples[4 * 40 + 8]);
  // There is ink in the caption.
  bool ink = false;
  for (std::size_t i = 0; i < 16 * 88 * 3; ++i) ink = ink || all.samples[i] < 128;
  EXPECT_TRUE(ink);
}

}  // namespace
}  // namespace vaec::image
