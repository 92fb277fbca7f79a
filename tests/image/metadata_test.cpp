#include <gtest/gtest.h>

#include <map>

#include "image/lossy.hpp"
#include "image/make_picture.hpp"
#include "image/metadata/colour_profile.hpp"
#include "image/read.hpp"
#include "image/reduce.hpp"
#include "image/resolution.hpp"
#include "image/write.hpp"

namespace vaec::image {
namespace {

using namespace std::string_view_literals;

const std::map<std::string, OutputFormat> kFormats = {{"png", OutputFormat::kPng},
                                                      {"jpeg", OutputFormat::kJpeg},
                                                      {"webp", OutputFormat::kWebp},
                                                      {"tiff", OutputFormat::kTiff}};

std::vector<std::byte> make_icc() { return rgb_profile({}, 2.2); }

std::vector<std::byte> make_xmp(int orientation) {
  return bytes_of(
      "<?xpacket begin=\"\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>"
      "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF "
      "xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\"><rdf:Description rdf:about=\"\" "
      "xmlns:dc=\"http://purl.org/dc/elements/1.1/\" xmlns:tiff=\"http://ns.adobe.com/tiff/1.0/\" "
      "dc:format=\"image/x-vaec-test\" tiff:Orientation=\"" +
      std::to_string(orientation) + "\"/></rdf:RDF></x:xmpmeta><?xpacket end=\"w\"?>");
}

bool file_contains(const std::vector<std::byte>& where, std::string_view what) {
  const std::string text(reinterpret_cast<const char*>(where.data()), where.size());
  return text.find(what) != std::string::npos;
}

// As a camera writes it: the make, and how the camera was held.
std::vector<std::byte> camera_exif(int orientation) {
  auto exif = bytes_of("MM\0*\0\0\0\x08\0\x02\x01\x0f\0\x02\0\0\0\x08\0\0\0\x26\x01\x12\0\x03\0\0\0\x01"sv);
  append_big_endian(exif, static_cast<std::uint32_t>(orientation), 2);
  append(exif, bytes_of("\0\0\0\0\0\0Kamera1\0"sv));
  return exif;
}

TEST(Metadata, GoesThroughEveryFormat) {
  for (const auto& [name, format] : kFormats) {
    Image picture = make_picture(24, 16, 3);
    picture.metadata = {make_icc(), camera_exif(1), make_xmp(1), {Resolution::Unit::kInch, 300'000, 150'000}};
    Losses losses;
    const auto file = encode_image(picture, format, {}, &losses);
    EXPECT_FALSE(losses.icc || losses.exif || losses.xmp) << name;
    const Reading back = read_image(file, "x");
    EXPECT_TRUE(back.notes.empty()) << name;
    EXPECT_EQ(back.image.metadata.icc, make_icc()) << name;
    EXPECT_TRUE(file_contains(back.image.metadata.exif, "Kamera1")) << name;
    if (format != OutputFormat::kWebp) {  // which has no place but EXIF
      EXPECT_FALSE(losses.resolution) << name;
      const Resolution found = back.image.metadata.resolution;
      EXPECT_NEAR(in_unit(found, found.x, Resolution::Unit::kInch), 300, 0.02) << name;
      EXPECT_NEAR(in_unit(found, found.y, Resolution::Unit::kInch), 150, 0.02) << name;
    }
    EXPECT_TRUE(file_contains(back.image.metadata.xmp, "image/x-vaec-test")) << name;
    EXPECT_EQ(exif_orientation(back.image.metadata.exif), 1) << name;
    EXPECT_TRUE(format == OutputFormat::kJpeg || back.image.samples == picture.samples) << name;
    EXPECT_TRUE(read_pixels(file, "x").metadata.empty()) << name;
  }
}

// Where the corners of the picture as it is stored come to stand, for each EXIF orientation: top left, top
// right, bottom left, bottom right.
TEST(Metadata, EveryOrientationIsAppliedOnceInEveryFormat) {
  Image stored{32, 16, 1};  // four flat quarters, which survive JPEG
  for (std::uint32_t y = 0; y < stored.height; ++y) {
    for (std::uint32_t x = 0; x < stored.width; ++x) {
      stored.samples.push_back(static_cast<std::uint8_t>(10 + (x / 16) * 50 + (y / 8) * 100));
    }
  }
  const std::vector<std::vector<int>> expected = {{10, 60, 110, 160}, {60, 10, 160, 110}, {160, 110, 60, 10},
                                                  {110, 160, 10, 60}, {10, 110, 60, 160}, {110, 10, 160, 60},
                                                  {160, 60, 110, 10}, {60, 160, 10, 110}};
  for (const auto& [name, format] : kFormats) {
    for (int orientation = 1; orientation <= 8; ++orientation) {
      Image picture = stored;
      picture.metadata = {{}, camera_exif(orientation), make_xmp(orientation)};
      auto file = encode_image(picture, format);
      // Which writes upright pixels: in TIFF the orientation is the file's own, and counts.
      if (format == OutputFormat::kTiff) set_orientation(file, orientation);
      const Image image = read_image(file, "x").image;
      ASSERT_EQ(read_rgb(file, "x"),
                with_channels({image.width, image.height, image.channels, image.samples}, 3));
      ASSERT_EQ(image.width, orientation < 5 ? 32U : 16U) << name << orientation;
      ASSERT_EQ(image.height, orientation < 5 ? 16U : 32U) << name << orientation;
      const auto at = [&](std::uint32_t x, std::uint32_t y) {
        return int{image.samples[(std::size_t{y} * image.width + x) * image.channels]};
      };
      const std::vector<int> found = {at(0, 0), at(image.width - 1, 0), at(0, image.height - 1),
                                      at(image.width - 1, image.height - 1)};
      for (std::size_t i = 0; i < 4; ++i)
        EXPECT_NEAR(found[i], expected[static_cast<std::size_t>(orientation) - 1][i], 3)
            << name << " " << orientation;
      EXPECT_EQ(exif_orientation(image.metadata.exif), 1) << name << orientation;
      EXPECT_TRUE(file_contains(image.metadata.exif, "Kamera1")) << name << orientation;
      EXPECT_FALSE(orientation > 1 &&
                   file_contains(image.metadata.xmp, "Orientation=\"" + std::to_string(orientation)))
          << name << orientation;
    }
  }
}

TEST(Metadata, WhatAFormatCannotHoldIsTold) {
  Image picture = make_picture(8, 8, 3);
  picture.metadata.icc = make_icc();
  for (const OutputFormat format : {OutputFormat::kBmp, OutputFormat::kPnm}) {
    Losses losses;
    EXPECT_FALSE(encode_image(picture, format, {}, &losses).empty());
    EXPECT_TRUE(losses.icc);
  }
}

TEST(Metadata, DamagedMetadataCostsNoPicture) {
  Image picture = make_picture(8, 8, 3);
  picture.metadata = {{}, bytes_of("no TIFF structure"), bytes_of("<no XMP")};
  for (const auto& [name, format] : kFormats) {
    Losses losses;
    const auto file = encode_image(picture, format, {}, &losses);
    EXPECT_TRUE(losses.exif) << name;
    const Image back = read_image(file, "x").image;
    EXPECT_EQ(back.width, 8U) << name;
    EXPECT_TRUE(back.metadata.exif.empty()) << name;
  }
}

TEST(Metadata, EveryDamagedByteGivesAPictureOrAnError) {
  Image picture = make_picture(4, 4, 3);
  picture.metadata = {make_icc(), camera_exif(6), make_xmp(6)};
  for (const auto& [name, format] : kFormats) {
    const auto file = encode_image(picture, format);
    int refused = 0;
    for (std::size_t i = 0; i < file.size(); ++i) {
      auto damaged = file;
      damaged[i] ^= std::byte{0x51};
      try {
        (void)read_image(damaged, "x", {4096, 1 << 20});
      } catch (const Error& error) {
        EXPECT_NE(error.code(), ErrorCode::kInternal) << name << " " << i;
        ++refused;
      }
    }
    EXPECT_GT(refused, 0) << name;
  }
}

}  // namespace
}  // namespace vaec::image
