#include "eval/curve_file.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "vaec/error.hpp"

namespace vaec::eval {
namespace {

TEST(CurveFile, ComesBackAsItWas) {
  Curve curve{"vaec", "vaec evaluate kodak", "0.1.0", "quality", 0.5, {}};
  CurvePoint point{50, 0, 0, 1.5, 0.25, {{"a.png", 0.5, 32}, {"b.png", 1.5, 36}}};
  average(point);
  curve.points.push_back(point);
  const Curve back = parse_curve(to_json(curve), "x.json");
  EXPECT_EQ(back.codec, "vaec");
  EXPECT_EQ(back.command, "vaec evaluate kodak");
  ASSERT_EQ(back.points.size(), 1U);
  EXPECT_DOUBLE_EQ(back.points[0].quality, 50);
  EXPECT_DOUBLE_EQ(back.points[0].bpp, 1);
  EXPECT_DOUBLE_EQ(back.points[0].psnr, 34);
  EXPECT_DOUBLE_EQ(back.points[0].encode_seconds, 1.5);
  ASSERT_EQ(back.points[0].images.size(), 2U);
  EXPECT_EQ(back.points[0].images[1].image, "b.png");
}

TEST(CurveFile, InfinitePsnrIsNull) {
  Curve curve;
  curve.points.push_back({1, 2, std::numeric_limits<double>::infinity(), 0, 0, {}});
  const std::string text = to_json(curve);
  EXPECT_NE(text.find("\"psnr\": null"), std::string::npos);
  EXPECT_TRUE(std::isnan(parse_curve(text, "x").points[0].psnr));
}

TEST(CurveFile, TakesOneOfSeveralCodecs) {
  const std::string text = R"({"a": {"bpp": [1, 2], "psnr": [30, 33]}, "b": {"bpp": [3], "psnr": [40]}})";
  const Curve curve = parse_curve(text, "x.json", "a");
  ASSERT_EQ(curve.points.size(), 2U);
  EXPECT_DOUBLE_EQ(curve.points[1].bpp, 2);
  EXPECT_DOUBLE_EQ(curve.points[1].psnr, 33);
  EXPECT_THROW((void)parse_curve(text, "x.json", "c"), Error);
}

TEST(CurveFile, SaysWhichFileIsNoCurve) {
  for (const char* text :
       {"", "[1]", "{}", "{\"points\": 3", "{\"points\": [{\"per_image\": 1}], \"codec\": 5}"}) {
    try {
      (void)parse_curve(text, "x.json");
      FAIL() << text;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kUnreadable);
      EXPECT_EQ(std::string(error.what()).rfind("x.json: ", 0), 0U);
    }
  }
}

}  // namespace
}  // namespace vaec::eval
