#include "image/read.hpp"

#include <gtest/gtest.h>
#include <zlib.h>

#include <algorithm>
#include <cstdlib>
#include <opencv2/imgcodecs.hpp>

#include "image/make_picture.hpp"
#include "image/reduce.hpp"
#include "image/write.hpp"

namespace vaec::image {
namespace {

using namespace std::string_view_literals;

std::vector<std::byte> encode_with_opencv(const cv::Mat& pixels, const char* extension) {
  std::vector<unsigned char> encoded;
  cv::imencode(extension, pixels, encoded);
  const auto* begin = reinterpret_cast<const std::byte*>(encoded.data());
  return {begin, begin + encoded.size()};
}

std::vector<std::byte> png_chunk(std::string_view type, const std::vector<std::byte>& data) {
  std::vector<std::byte> chunk;
  append_big_endian(chunk, static_cast<std::uint32_t>(data.size()), 4);
  append(chunk, bytes_of(type));
  append(chunk, data);
  const auto crc = crc32_z(0, reinterpret_cast<const Bytef*>(chunk.data() + 4), data.size() + 4);
  append_big_endian(chunk, static_cast<std::uint32_t>(crc), 4);
  return chunk;
}

// After the signature and IHDR.
std::vector<std::byte> with_png_chunk(std::vector<std::byte> png, const std::vector<std::byte>& chunk) {
  constexpr std::ptrdiff_t kAfterHeader = 33;
  png.insert(png.begin() + kAfterHeader, chunk.begin(), chunk.end());
  return png;
}

std::vector<std::byte> with_jpeg_segment(std::vector<std::byte> jpeg, int marker,
                                         const std::vector<std::byte>& data) {
  std::vector<std::byte> segment = {std::byte{0xff}, static_cast<std::byte>(marker)};
  append_big_endian(segment, static_cast<std::uint32_t>(data.size() + 2), 2);
  append(segment, data);
  jpeg.insert(jpeg.begin() + 2, segment.begin(), segment.end());
  return jpeg;
}

TEST(ReadImage, EveryLosslessFormatComesBack) {
  for (const OutputFormat format : {OutputFormat::kPng, OutputFormat::kWebp, OutputFormat::kTiff,
                                    OutputFormat::kPnm, OutputFormat::kBmp}) {
    for (const auto& [width, height] : {std::pair{1, 1}, {1, 7}, {17, 5}, {64, 33}}) {
      const Image rgb = make_picture(width, height, 3);
      EXPECT_EQ(read_image(encode_image(rgb, format), "x").image, rgb) << static_cast<int>(format);
    }
  }
}

TEST(ReadImage, GreyStaysGrey) {
  const Image grey = make_picture(13, 9, 1);
  for (const OutputFormat format :
       {OutputFormat::kPng, OutputFormat::kTiff, OutputFormat::kPnm, OutputFormat::kBmp}) {
    EXPECT_EQ(read_image(encode_image(grey, format), "x").image, grey) << static_cast<int>(format);
  }
  EXPECT_EQ(read_image(encode_image(grey, OutputFormat::kJpeg), "x").image.channels, 1U);
}

TEST(ReadImage, AlphaComesBackFromEveryFormatThatHoldsIt) {
  for (const std::uint32_t depth : {8U, 16U}) {
    for (const std::uint32_t channels : {1U, 3U}) {
      const Image image = with_alpha(make_picture(13, 9, channels), depth);
      for (const OutputFormat format : {OutputFormat::kPng, OutputFormat::kTiff, OutputFormat::kWebp}) {
        Losses losses;
        const Image back = read_image(encode_image(image, format, {}, &losses), "x").image;
        const bool shallow = format == OutputFormat::kWebp && depth == 16;
        EXPECT_EQ(losses.depth, shallow);
        EXPECT_FALSE(losses.alpha);
        EXPECT_TRUE(format != OutputFormat::kPng || back == image);
        const Image expected = shallow ? with_8_bits(image) : image;
        EXPECT_EQ(back.alpha, expected.alpha);
        EXPECT_EQ(back.alpha16, expected.alpha16);
      }
    }
  }
}

TEST(ReadImage, SixteenBitsComeBack) {
  for (const std::uint32_t channels : {1U, 3U}) {
    const Image image = with_16_bits(make_picture(13, 9, channels));
    for (const OutputFormat format : {OutputFormat::kPng, OutputFormat::kTiff, OutputFormat::kPnm}) {
      EXPECT_EQ(read_image(encode_image(image, format), "x").image, image) << static_cast<int>(format);
    }
    Losses losses;
    const auto bmp = read_image(encode_image(image, OutputFormat::kBmp, {}, &losses), "x").image;
    EXPECT_TRUE(losses.depth);
    EXPECT_EQ(bmp, with_8_bits(image));
  }
}

TEST(ReadImage, WhatCannotHoldAlphaStandsOnWhite) {
  Image image{3, 1, 1, {100, 100, 100}};
  image.alpha = {0, 128, 255};
  for (const OutputFormat format : {OutputFormat::kPnm, OutputFormat::kBmp}) {
    Losses losses;
    const Image back = read_image(encode_image(image, format, {}, &losses), "x").image;
    EXPECT_TRUE(losses.alpha);
    EXPECT_EQ(back.samples, (std::vector<std::uint8_t>{255, 177, 100}));
  }
}

// A sample of a grey PNG, or a colour of an RGB one, that stands for nothing.
TEST(ReadImage, ATransparentColourBecomesAlpha) {
  Image grey{3, 1, 1, {4, 5, 6}};
  const auto keyed =
      with_png_chunk(encode_image(grey, OutputFormat::kPng), png_chunk("tRNS", bytes_of("\0\x05"sv)));
  grey.alpha = {255, 0, 255};
  EXPECT_EQ(read_image(keyed, "a.png").image, grey);
  Image deep = with_16_bits(Image{3, 1, 1, {4, 5, 6}});
  const auto deep_keyed =
      with_png_chunk(encode_image(deep, OutputFormat::kPng), png_chunk("tRNS", bytes_of("\x05\x05"sv)));
  deep.alpha16 = {65535, 0, 65535};
  EXPECT_EQ(read_image(deep_keyed, "a.png").image, deep);
}

TEST(ReadImage, ThePnmHeadersLargestSampleIsWhite) {
  EXPECT_EQ(read_image(bytes_of("P5\n2 1\n15\n\x0f\x06"sv), "x").image.samples,
            (std::vector<std::uint8_t>{255, 102}));
  EXPECT_EQ(read_image(bytes_of("P2\n2 1\n15\n15 6\n"sv), "x").image.samples,
            (std::vector<std::uint8_t>{255, 102}));
  EXPECT_EQ(read_image(bytes_of("P2\n2 1\n100\n30 30\n"sv), "x").image.samples,  // dark all over
            (std::vector<std::uint8_t>{77, 77}));
  EXPECT_EQ(read_rgb(bytes_of("P5\n1 1\n1023\n\x03\xff"sv), "x").samples,
            (std::vector<std::uint8_t>{255, 255, 255}));
  EXPECT_EQ(read_image(bytes_of("P5\n2 1\n1023\n\x03\xff\x01\x55"sv), "x").image.samples16,
            (std::vector<std::uint16_t>{65535, 21845}));
  EXPECT_EQ(error_of([] { (void)read_image(bytes_of("P5\n2 1\n0\n\x03\xff"sv), "x"); }).substr(0, 4), "3 x:");
}

// As some programs write them: 5, 6 and 5 bits behind a header of 56 bytes, the bottom row first.
TEST(ReadImage, BmpBitFieldsOfAnyKind) {
  auto file = bytes_of("BM\0\0\0\0\0\0\0\0\x46\0\0\0\x38\0\0\0\x01\0\0\0\x02\0\0\0\x01\0\x10\0\x03\0\0\0"sv);
  file.resize(54);
  append(file, bytes_of("\0\xf8\0\0\xe0\x07\0\0\x1f\0\0\0\0\0\0\0"sv));
  append(file, bytes_of("\0\xf8\0\0\xe0\x07\0\0"sv));  // red below, green above
  const Image expected{1, 2, 3, {0, 255, 0, 255, 0, 0}};
  EXPECT_EQ(read_image(file, "x").image, expected);
  EXPECT_EQ(read_rgb(file, "x"), expected);
}

TEST(ReadImage, Jpeg2000ComesIn) {
  const auto rgb = encode_with_opencv(cv::Mat(70, 80, CV_8UC3, cv::Scalar(1, 2, 3)), ".jp2");
  EXPECT_EQ(read_image(rgb, "a").image.width, 80U);
  const auto rgba = encode_with_opencv(cv::Mat(70, 80, CV_16UC4, cv::Scalar(1, 2, 3, 4)), ".jp2");
  const Image image = read_image(rgba, "a").image;
  EXPECT_EQ(image.bit_depth, 16U);
  EXPECT_EQ(image.alpha16.size(), 70U * 80U);
  EXPECT_EQ(error_of([&] { (void)read_image(rgb, "a", {79, 10000}); }).substr(0, 10), "5 a: is 80");
}

TEST(ReadImage, NamesWhatItDoesNotRead) {
  EXPECT_EQ(error_of([] { (void)read_image(bytes_of("8BPS........"), "x"); }),
            "3 x: is a Photoshop picture, which vaec does not read: convert it first, to PNG for one");
}

TEST(ReadImage, TrainingDropsAlphaAndDepth) {
  const auto alpha = encode_with_opencv(cv::Mat(3, 4, CV_8UC4, cv::Scalar(1, 2, 3, 4)), ".png");
  EXPECT_EQ(read_rgb(alpha, "a").channels, 3U);
  const auto deep = encode_with_opencv(cv::Mat(3, 4, CV_16UC1, cv::Scalar(256 * 7)), ".png");
  EXPECT_EQ(read_rgb(deep, "a").samples, std::vector<std::uint8_t>(36, 7));
}

TEST(ReadImage, RefusesAnimations) {
  const auto file = with_png_chunk(encode_image(make_picture(4, 4, 3), OutputFormat::kPng),
                                   png_chunk("acTL", bytes_of("\0\0\0\x02\0\0\0\0"sv)));
  EXPECT_NE(error_of([&] { (void)read_image(file, "a"); }).find("more than one frame"), std::string::npos);
}

TEST(ReadImage, AppliesThePngOrientation) {
  const Image stored = make_picture(5, 3, 3);
  const auto file = with_png_chunk(encode_image(stored, OutputFormat::kPng), png_chunk("eXIf", make_exif(6)));
  const Reading reading = read_image(file, "x");
  EXPECT_EQ(reading.image.width, 3U);
  EXPECT_EQ(reading.image.height, 5U);
  EXPECT_EQ(reading.image.samples[0], stored.samples[2 * 5 * 3]);  // bottom left becomes top left
  EXPECT_TRUE(reading.notes.empty());
  EXPECT_EQ(exif_orientation(reading.image.metadata.exif), 1);
}

TEST(ReadImage, TellsWhatIsLost) {
  const auto jpeg = encode_image(make_picture(8, 8, 3), OutputFormat::kJpeg);
  EXPECT_TRUE(read_image(jpeg, "x").notes.empty());
  EXPECT_EQ(read_image(with_jpeg_segment(jpeg, 0xe2, bytes_of("ICC_PROFILE\0\x01\x01"sv)), "x").notes.size(),
            1U);
}

TEST(ReadImage, EveryTruncationIsAnError) {
  for (const OutputFormat format : {OutputFormat::kPng, OutputFormat::kJpeg, OutputFormat::kWebp,
                                    OutputFormat::kTiff, OutputFormat::kBmp, OutputFormat::kPnm}) {
    const auto file = encode_image(make_picture(20, 10, 3), format);
    const std::size_t spare = format == OutputFormat::kJpeg ? 2 : 0;  // an end marker is no pixel
    for (std::size_t size = 0; size < file.size() - spare; ++size) {
      const std::span<const std::byte> part(file.data(), size);
      const std::string error = error_of([&] { (void)read_image(part, "x"); });
      ASSERT_EQ(error.rfind("3 x: ", 0), 0U) << static_cast<int>(format) << " " << size << " " << error;
    }
  }
}

TEST(ReadImage, DamagedPngIsAnError) {
  auto file = encode_image(make_picture(20, 10, 3), OutputFormat::kPng);
  file[60] ^= std::byte{1};
  const std::string error = error_of([&] { (void)read_image(file, "x.png"); });
  EXPECT_EQ(error.rfind("3 x.png: damaged: IDAT: ", 0), 0U) << error;
}

TEST(ReadImage, DamagedJpegIsAnError) {
  const auto file = encode_image(make_picture(64, 64, 3), OutputFormat::kJpeg);
  std::size_t refused = 0;
  for (std::size_t i = 700; i + 2 < file.size(); ++i) {  // in the entropy-coded data
    auto damaged = file;
    damaged[i] = std::byte{0xff};
    damaged[i + 1] = std::byte{0xd9};
    const std::string error = error_of([&] { (void)read_image(damaged, "x.jpg"); });
    refused += error.rfind("3 x.jpg: damaged: ", 0) == 0 ? 1 : 0;
  }
  EXPECT_EQ(refused, file.size() - 702);
}

TEST(ReadImage, RandomBytesAreAnError) {
  EXPECT_EQ(error_of([] { (void)read_image({}, "x"); }), "3 x: is empty");
  EXPECT_EQ(error_of([] { (void)read_image(bytes_of("hello"), "x"); }), "3 x: is no image of a known format");
}

TEST(ReadImage, LimitsAreTestedBeforeDecoding) {
  // A header of 60000x60000 pixels, and no pixels: too large is what counts.
  std::vector<std::byte> header;
  append_big_endian(header, 60000, 4);
  append_big_endian(header, 60000, 4);
  append(header, bytes_of("\x08\x02\0\0\0"sv));
  auto file = bytes_of("\x89PNG\r\n\x1a\n"sv);
  append(file, png_chunk("IHDR", header));
  append(file, png_chunk("IDAT", {}));
  append(file, png_chunk("IEND", {}));
  EXPECT_EQ(error_of([&] { (void)read_image(file, "x"); }),
            "5 x: is 60000x60000 pixels, the limit is 268435456 and 32768 a side (see --max-pixels)");
  const auto small = encode_image(make_picture(20, 10, 3), OutputFormat::kJpeg);
  EXPECT_EQ(read_image(small, "x", {20, 200}).image.width, 20U);
  EXPECT_EQ(error_of([&] { (void)read_image(small, "x", {20, 199}); }).substr(0, 2), "5 ");
  EXPECT_EQ(error_of([&] { (void)read_image(small, "x", {19, 200}); }).substr(0, 2), "5 ");
}

TEST(ReadImage, EveryDamagedByteGivesAPictureOrAnError) {
  for (const OutputFormat format : {OutputFormat::kPng, OutputFormat::kWebp, OutputFormat::kBmp,
                                    OutputFormat::kPnm, OutputFormat::kTiff}) {
    const auto file = encode_image(make_picture(9, 4, 3), format);
    for (std::size_t i = 0; i < file.size(); ++i) {
      auto damaged = file;
      damaged[i] ^= std::byte{0x55};
      try {
        (void)read_image(damaged, "x", {4096, 1 << 20});
      } catch (const Error& error) {
        EXPECT_NE(error.code(), ErrorCode::kInternal);
      }
    }
  }
}

}  // namespace
}  // namespace vaec::image
