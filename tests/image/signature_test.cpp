#include "image/signature.hpp"

#include <gtest/gtest.h>

#include "image/make_picture.hpp"

namespace vaec::image {
namespace {

using namespace std::string_view_literals;

TEST(Signature, SaysTheFormat) {
  const auto format = [](std::string_view file) { return format_by_signature(bytes_of(file)); };
  EXPECT_EQ(format("\x89PNG\r\n\x1a\n"sv), FileFormat::kPng);
  EXPECT_EQ(format("\xff\xd8\xff\xe0"sv), FileFormat::kJpeg);
  EXPECT_EQ(format("RIFF\x10\0\0\0WEBPVP8 "sv), FileFormat::kWebp);
  EXPECT_EQ(format("II*\0\x08\0\0\0"sv), FileFormat::kTiff);
  EXPECT_EQ(format("MM\0+\0\x08\0\0\0\0\0\0"sv), FileFormat::kTiff);
  EXPECT_EQ(format("\xff\x4f\xff\x51"sv), FileFormat::kJpeg2000);
  EXPECT_EQ(format("GIF89a"sv), FileFormat::kGif);
  EXPECT_EQ(format("\xff\x0a\xfa\x7f\x01\x90\x08"sv), FileFormat::kJpegXl);
  EXPECT_EQ(format("\0\0\0\x1c"
                   "ftypmif1\0\0\0\0mif1heic"sv),
            FileFormat::kHeif);
  EXPECT_EQ(format("\0\0\0\x1c"
                   "ftypisom\0\0\0\0isomavif"sv),
            FileFormat::kHeif);
  EXPECT_EQ(format("P5\n# a comment\n1 1 255\n"sv), FileFormat::kPnm);
  EXPECT_EQ(format("P6 1 1 255\n"sv), FileFormat::kPnm);
  EXPECT_EQ(format("P4# made by hand\n"sv), FileFormat::kPnm);
  EXPECT_EQ(format("BM\0\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0"sv), FileFormat::kBmp);
  EXPECT_EQ(foreign_format(bytes_of("8BPS\0\1"sv)), "a Photoshop");
  EXPECT_EQ(foreign_format(bytes_of("\0\0\1\0\1\0\x20\x20\0\0\1\0"sv)), "an icon (ICO)");
}

// A folder holds more than pictures.
TEST(Signature, TakesNothingElseForAPicture) {
  for (const auto file :
       {"P6 is a text"sv, "P1"sv, "P3\n"sv, "BMW drives"sv, "\xff\x0aLetters in another code page"sv,
        "\0\0\1\0\0\0"sv, "\0\0\1\0\0\0\0\0\0\0\0\0"sv,
        "\0\0\0\x18"
        "ftypisom\0\0\0\0isommp42"sv,
        "RIFF\0\0\0\0WAVE"sv, ""sv, "%PDF-1.7"sv, "VAEC\1"sv}) {
    EXPECT_FALSE(is_picture(bytes_of(file))) << file;
  }
}

}  // namespace
}  // namespace vaec::image
