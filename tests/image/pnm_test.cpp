// PNM: what OpenCV gives for every kind of sample, and what stands around them.
#include <gtest/gtest.h>

#include "image/make_picture.hpp"
#include "image/read.hpp"

namespace vaec::image {
namespace {

using namespace std::string_view_literals;
using Samples = std::vector<std::uint8_t>;

Reading read(std::string_view file) { return read_image(bytes_of(file), "x"); }

TEST(Pnm, EveryKindComesIn) {
  EXPECT_EQ(read("P1\n# one\n3 2\n1 0 1\n0 1 0\n"sv).image.samples, (Samples{0, 255, 0, 255, 0, 255}));
  EXPECT_EQ(read("P4 9 1\n\xaa\x80"sv).image.samples, (Samples{0, 255, 0, 255, 0, 255, 0, 255, 0}));
  EXPECT_EQ(read("P2\n2 1\n255\n7 200\n"sv).image.samples, (Samples{7, 200}));
  EXPECT_EQ(read("P5\n2 1\n255\n\x07\xc8"sv).image.samples, (Samples{7, 200}));
  EXPECT_EQ(read("P3\n1 1\n255\n1 2 3\n"sv).image.samples, (Samples{1, 2, 3}));
  EXPECT_EQ(read("P6\n1 1\n255\n\x01\x02\x03"sv).image.samples, (Samples{1, 2, 3}));
  EXPECT_EQ(read("P6\n1 1\n65535\n\x01\x02\x03\x04\x05\x06"sv).image.samples16,
            (std::vector<std::uint16_t>{0x102, 0x304, 0x506}));
}

TEST(Pnm, ALargestSampleOfOneIsWhite) {
  EXPECT_EQ(read("P5\n3 1\n1\n\1\0\1"sv).image.samples, (Samples{255, 0, 255}));
  EXPECT_EQ(read("P2\n3 1\n1\n1 0 1"sv).image.samples, (Samples{255, 0, 255}));
  EXPECT_EQ(read("P6\n1 1\n1\n\1\0\1"sv).image.samples, (Samples{255, 0, 255}));
  EXPECT_EQ(read("P5\n2 1\n2\n\1\2"sv).image.samples, (Samples{128, 255}));
}

TEST(Pnm, TextNeedsNoEndOfLine) {
  EXPECT_EQ(read("P2\n2 1\n255\n7 200"sv).image.samples, (Samples{7, 200}));
  EXPECT_EQ(read("P3 1 1 255 1 2 3"sv).image.samples, (Samples{1, 2, 3}));
  EXPECT_EQ(read("P1 3 1 101"sv).image.samples, (Samples{0, 255, 0}));
  EXPECT_EQ(read("P2\n2 1\n# between\n255\n7 # here\n200"sv).image.samples, (Samples{7, 200}));
}

TEST(Pnm, ACommentMayFollowTheHeader) {
  EXPECT_EQ(read("P6\n1 1\n255# red\n\xff\0\0"sv).image.samples, (Samples{255, 0, 0}));
  EXPECT_EQ(read("P5# grey\n1 1 255\n\x07"sv).image.samples, Samples{7});
}

TEST(Pnm, WhatIsMissingIsMadeUpOnRequest) {
  ReadOptions any;
  any.allows_damage = true;
  for (const auto file : {"P5\n2 2\n255\n\1\2\3"sv, "P2\n2 2\n255\n1 2 3"sv}) {
    EXPECT_EQ(error_of([&] { (void)read(file); }).substr(0, 14), "3 x: truncated");
    const Reading reading = read_image(bytes_of(file), "x", {}, any);
    EXPECT_EQ(reading.image.samples, (Samples{1, 2, 3, 0}));
    EXPECT_EQ(reading.notes.size(), 1U);
  }
}

TEST(Pnm, TheHeaderSaysWhatComes) {
  const auto grey = read_header(bytes_of("P5\n2 1\n1023\n\0\0\0\0"sv), "x");
  EXPECT_EQ(grey.channels, 1U);
  EXPECT_EQ(grey.bit_depth, 16U);
  EXPECT_EQ(read_header(bytes_of("P6\n2 1\n7\n\0\0\0\0\0\0"sv), "x").channels, 3U);
  EXPECT_EQ(error_of([] { (void)read("P5\n9999 9999\n255\n"sv); }).substr(0, 14), "3 x: truncated");
  EXPECT_EQ(error_of([] { (void)read_header(bytes_of("P2\n99999 99999\n255\n"sv), "x"); }).substr(0, 4),
            "5 x:");
}

TEST(Pnm, WhatStandsBehindThePictureIsTold) {
  const Reading two = read("P5\n1 1\n255\n\x01P5\n1 1\n255\n\x02"sv);
  EXPECT_EQ(two.image.samples, Samples{1});
  ASSERT_EQ(two.notes.size(), 1U);
  EXPECT_NE(two.notes[0].find("more pictures"), std::string::npos);
  EXPECT_EQ(read("P2\n1 1\n255\n1\nP2\n1 1\n255\n2\n"sv).notes.size(), 1U);
  const Reading rest = read("P5\n1 1\n255\n\x01\nrest"sv);
  ASSERT_EQ(rest.notes.size(), 1U);
  EXPECT_NE(rest.notes[0].find("4 bytes"), std::string::npos);
  EXPECT_TRUE(read("P5\n1 1\n255\n\x01\n"sv).notes.empty());
}

}  // namespace
}  // namespace vaec::image
