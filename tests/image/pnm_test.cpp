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

TEST(Pnm, TheHeaderSaysWhatComes) {
  const auto grey = read_header(bytes_of("P5\n2 1\n1023\n\0\0\0\0"sv), "x");
  EXPECT_EQ(grey.channels, 1U);
  EXPECT_EQ(grey.bit_depth, 16U);
  EXPECT_EQ(read_header(bytes_of("P6\n2 1\n7\n\0\0\0\0\0\0"sv), "x").channels, 3U);
  EXPECT_EQ(error_of([] { (void)read_header(bytes_of("P5\n99999 99999\n255\n"sv), "x"); }).substr(0, 4),
            "3 x:");
  EXPECT_EQ(error_of([] { (void)read_header(bytes_of("P2\n99999 99999\n255\n"sv), "x"); }).substr(0, 4),
            "5 x:");
}

TEST(Pnm, WhatStandsBehindThePictureIsTold) {
  const Reading two = read("P5\n1 1\n255\n\x01P5\n1 1\n255\n\x02"sv);
  EXPECT_EQ(two.image.samples, Samples{1});
  ASSERT_EQ(two.notes.size(), 1U);
  EXPECT_NE(two.notes[0].find("more pictures"), std::string::npos);
  const Reading rest = read("P5\n1 1\n255\n\x01\nrest"sv);
  ASSERT_EQ(rest.notes.size(), 1U);
  EXPECT_NE(rest.notes[0].find("4 bytes"), std::string::npos);
  EXPECT_TRUE(read("P5\n1 1\n255\n\x01\n"sv).notes.empty());
}

}  // namespace
}  // namespace vaec::image
