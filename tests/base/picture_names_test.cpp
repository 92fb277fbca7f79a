#include "base/picture_names.hpp"

#include <gtest/gtest.h>

namespace vaec::base {
namespace {

TEST(PictureNames, GoByTheExtensionWhateverItsCase) {
  for (const char* name :
       {"a.png", "b/A.JPG", "x.y.Jpe", "s.tiff", "p.pgm", "j.jp2", "ä.WEBP", "x.jfif", "x.PBM", "x.mpo",
        "x.dib", "x.j2k", "a.gif", "a.HEIC", "a.avif", "a.jxl", "a.pam"}) {
    EXPECT_TRUE(has_picture_extension(name)) << name;
  }
  for (const char* name : {"a", "png", ".png", "a.png.vaec", "a.pngx", "a.txt", ""}) {
    EXPECT_FALSE(has_picture_extension(name)) << name;
  }
}

TEST(PictureNames, OtherLettersStayAsTheyAre) { EXPECT_EQ(lower_case("AZ[az]Ä"), "az[az]Ä"); }

}  // namespace
}  // namespace vaec::base
