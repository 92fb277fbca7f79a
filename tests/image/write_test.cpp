#include "image/write.hpp"

#include <gtest/gtest.h>

#include "image/make_picture.hpp"
#include "image/read.hpp"
#include "image/side_by_side.hpp"
#include "image/signature.hpp"

namespace vaec::image {
namespace {

TEST(EncodeImage, NamesGiveFormats) {
  EXPECT_EQ(format_of("a/b.JPG"), OutputFormat::kJpeg);
  EXPECT_EQ(format_of("b.tif"), OutputFormat::kTiff);
  EXPECT_EQ(format_of("b.pgm"), OutputFormat::kPnm);
  EXPECT_EQ(error_of([] { (void)format_of("b.gif"); }),
            "2 b.gif: its name says no format that can be written (png, jpg, webp, tiff, ppm, bmp)");
  EXPECT_EQ(error_of([] { (void)format_of("b"); }).substr(0, 4), "2 b:");
}

TEST(EncodeImage, WritesWhatItSays) {
  const Image image = make_picture(11, 6, 3);
  EXPECT_EQ(format_by_signature(encode_image(image, OutputFormat::kPng)), FileFormat::kPng);
  EXPECT_EQ(format_by_signature(encode_image(image, OutputFormat::kJpeg)), FileFormat::kJpeg);
  EXPECT_EQ(format_by_signature(encode_image(image, OutputFormat::kWebp)), FileFormat::kWebp);
  EXPECT_EQ(format_by_signature(encode_image(image, OutputFormat::kTiff)), FileFormat::kTiff);
  EXPECT_EQ(format_by_signature(encode_image(image, OutputFormat::kPnm)), FileFormat::kPnm);
  EXPECT_EQ(format_by_signature(encode_image(image, OutputFormat::kBmp)), FileFormat::kBmp);
}

TEST(EncodeImage, JpegQualityMatters) {
  const Image image = make_picture(64, 64, 3);
  EXPECT_LT(encode_image(image, OutputFormat::kJpeg, {10}).size(),
            encode_image(image, OutputFormat::kJpeg).size());
}

TEST(EncodeImage, RefusesASideThatTheFormatCannotHold) {
  EXPECT_EQ(error_of([] { (void)encode_image(make_picture(16384, 1, 3), OutputFormat::kWebp); }),
            "5 16384x1 pixels do not fit into a .webp file (at most 16383 a side): choose another format");
}

TEST(Header, SaysTheSizeOfEveryFormat) {
  const Image image = make_picture(11, 6, 3);
  for (const OutputFormat format : {OutputFormat::kPng, OutputFormat::kJpeg, OutputFormat::kWebp,
                                    OutputFormat::kTiff, OutputFormat::kPnm, OutputFormat::kBmp}) {
    const auto file = encode_image(image, format);
    const Header found = read_header(file, "x");
    EXPECT_EQ(found.width, 11U);
    EXPECT_EQ(found.height, 6U);
  }
}

TEST(SideBySide, PutsAWhiteGapBetween) {
  const std::vector<Image> pair = {{1, 2, 1, {10, 20}}, {1, 1, 3, {1, 2, 3}}};
  const Image both = side_by_side(pair, 1);
  EXPECT_EQ(both,
            (Image{3, 2, 3, {10, 10, 10, 255, 255, 255, 1, 2, 3, 20, 20, 20, 255, 255, 255, 255, 255, 255}}));
}

}  // namespace
}  // namespace vaec::image
