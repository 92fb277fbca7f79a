#include "eval/results_csv.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace vaec::eval {
namespace {

TEST(ResultsCsv, ALineForEachPictureQualityAndCodec) {
  Results results;
  results.curve.codec = "vaec";
  results.curve.points = {
      {.quality = 50,
       .images = {{"a.png", 100, 0.5, 32.25, 0.9, 71.5, 2.5, 0.5, 0.25}, {"b, \"c\".png", 200, 1, 36}}}};
  Curve anchor;
  anchor.codec = "jxl";
  anchor.points = {
      {.quality = 1.5, .images = {{"a.png", 90, 0.45, std::numeric_limits<double>::infinity()}}}};
  results.anchors.push_back(anchor);
  EXPECT_EQ(
      to_csv(results),
      "codec,quality,image,bytes,bpp,psnr,msssim,ssimulacra2,butteraugli,encode_seconds,decode_seconds\n"
      "vaec,50,a.png,100,0.5,32.25,0.9,71.5,2.5,0.5,0.25\n"
      "vaec,50,\"b, \"\"c\"\".png\",200,1,36,,,,0,0\n"
      "jxl,1.5,a.png,90,0.45,,,,,0,0\n");
}

}  // namespace
}  // namespace vaec::eval
