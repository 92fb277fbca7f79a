// BMP: what is read here of its headers, and written into them.
#include <gtest/gtest.h>

#include "image/make_picture.hpp"
#include "image/parts.hpp"
#include "image/read.hpp"
#include "image/write.hpp"

namespace vaec::image {
namespace {

void put(std::vector<std::byte>& file, std::size_t at, std::uint32_t value, int size = 4) {
  if (file.size() < at + 4) file.resize(at + 4);
  for (int i = 0; i < size; ++i)
    file[at + static_cast<std::size_t>(i)] = static_cast<std::byte>(value >> 8 * i);
}

// Of one pixel in the file: 16 or 32 bits, masks in the order red, green, blue, alpha.
std::vector<std::byte> bit_fields(std::uint32_t bits, std::array<std::uint32_t, 4> masks,
                                  std::uint32_t pixel) {
  auto file = bytes_of("BM");
  put(file, 10, 14 + 56);
  put(file, 14, 56);
  put(file, 18, 1);
  put(file, 22, 1);
  put(file, 26, 1, 2);
  put(file, 28, bits, 2);
  put(file, 30, 3);
  for (std::size_t i = 0; i < 4; ++i) put(file, 54 + 4 * i, masks[i]);
  put(file, 70, pixel);
  return file;
}

// OpenCV 4.6 knows 5-5-5, 5-6-5 and, of 32 bits, masks of 8 bits alone.
TEST(Bmp, BitFieldsOfAnyMasks) {
  const auto deep =
      read_image(bit_fields(32, {0x3ff00000, 0x000ffc00, 0x3ff, 0}, 0x3ff00000 | 512 << 10), "x").image;
  EXPECT_EQ(deep.samples16, (std::vector<std::uint16_t>{65535, 32800, 0}));
  const auto few = read_image(bit_fields(16, {0xf00, 0xf0, 0xf, 0xf000}, 0x8f0a), "x").image;
  EXPECT_EQ(few.samples, (std::vector<std::uint8_t>{255, 0, 170}));
  EXPECT_EQ(few.alpha, std::vector<std::uint8_t>{136});
  const auto swapped = read_image(bit_fields(32, {0xff, 0xff00, 0xff0000, 0}, 0x030201), "x").image;
  EXPECT_EQ(swapped.samples, (std::vector<std::uint8_t>{1, 2, 3}));
  EXPECT_FALSE(swapped.has_alpha());
  EXPECT_NE(error_of([] {
              (void)read_image(bit_fields(32, {0xff, 0x1ff, 0, 0}, 0), "x");
            }).find("make no sense"),
            std::string::npos);
}

// Without masks they are 5-5-5, and all ones are white.
TEST(Bmp, SixteenBitsAreFiveAColour) {
  auto file = bit_fields(16, {0, 0, 0, 0}, 0x7fff);
  put(file, 30, 0);
  EXPECT_EQ(read_image(file, "x").image.samples, (std::vector<std::uint8_t>{255, 255, 255}));
  put(file, 70, 0x7c10);
  EXPECT_EQ(read_image(file, "x").image.samples, (std::vector<std::uint8_t>{255, 0, 132}));
}

TEST(Bmp, TheOldHeadersPaletteIsInColour) {
  auto file = bytes_of("BM");
  put(file, 10, 14 + 12 + 16 * 3);
  put(file, 14, 12);
  put(file, 18, 3, 2);
  put(file, 20, 2, 2);
  put(file, 22, 1, 2);
  put(file, 24, 4, 2);
  put(file, 26, 0x0000ff);  // blue
  put(file, 29, 0xff0000);  // red
  put(file, 32, 0x808080);  // grey
  file.resize(14 + 12 + 16 * 3);
  put(file, 74, 0x0021);  // the bottom row: grey, red, blue
  put(file, 78, 0x0010);  // red, blue, blue
  const Image image = read_image(file, "x").image;
  EXPECT_EQ(image.samples, (std::vector<std::uint8_t>{255, 0, 0, 0, 0, 255, 0, 0, 255, 128, 128, 128, 255, 0,
                                                      0, 0, 0, 255}));
}

TEST(Bmp, ResolutionGoesBothWays) {
  Image picture = make_picture(5, 4, 3);
  picture.metadata.resolution = {Resolution::Unit::kInch, 300000, 150000};
  Losses losses;
  const auto file = encode_image(picture, OutputFormat::kBmp, {}, &losses);
  EXPECT_FALSE(losses.resolution);
  const auto back = read_image(file, "x").image;
  EXPECT_EQ(back.samples, picture.samples);
  EXPECT_EQ(back.metadata.resolution, (Resolution{Resolution::Unit::kMetre, 11811000, 5906000}));
  picture.metadata.resolution = {Resolution::Unit::kRatio, 2, 1};
  (void)encode_image(picture, OutputFormat::kBmp, {}, &losses);
  EXPECT_TRUE(losses.resolution);
}

// BITMAPV5HEADER: bV5CSType, bV5ProfileData and bV5ProfileSize.
TEST(Bmp, AProfileIsFoundWhereTheHeaderSays) {
  auto file = bit_fields(32, {0xff0000, 0xff00, 0xff, 0}, 0x010203);
  file.resize(70);
  put(file, 10, 14 + 124);
  put(file, 14, 124);
  put(file, 70, 0x4d424544);  // PROFILE_EMBEDDED
  put(file, 126, 128);
  put(file, 130, 10);
  put(file, 138, 0x010203);
  append(file, bytes_of("no profile"));
  const Format& bmp = *format_of(FileFormat::kBmp);
  EXPECT_EQ(bmp.read(file, {}).icc, bytes_of("no profile"));
  put(file, 130, 11);
  EXPECT_EQ(bmp.read(file, {}).icc.size(), 0U);
  EXPECT_EQ(bmp.read(file, {}).notes.size(), 1U);
  put(file, 70, 0x4c494e4b);  // PROFILE_LINKED
  EXPECT_EQ(bmp.read(file, {}).notes.size(), 1U);
}

}  // namespace
}  // namespace vaec::image
