#include "eval/curve_file.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "vaec/error.hpp"

namespace vaec::eval {
namespace {

TEST(CurveFile, ComesBackAsItWas) {
  Results results;
  results.curve = {"vaec", "vaec evaluate kodak", "", "0.1.0", "quality", 0.5};
  results.curve.points = {{.quality = 50,
                           .images = {{"a.png", 1000, 0.5, 32, 0.9, 70, 2, 1, 0.125},
                                      {"b.png", 3000, 1.5, 36, 0.94, 80, 1, 0.5, 0.125}}}};
  average(results.curve.points[0]);
  const Curve back = parse_curve(to_json(results), "x.json");
  EXPECT_EQ(back.codec, "vaec");
  EXPECT_EQ(back.command, "vaec evaluate kodak");
  ASSERT_EQ(back.points.size(), 1U);
  EXPECT_DOUBLE_EQ(back.points[0].quality, 50);
  EXPECT_DOUBLE_EQ(back.points[0].bpp, 1);
  EXPECT_DOUBLE_EQ(back.points[0].psnr, 34);
  EXPECT_DOUBLE_EQ(back.points[0].ms_ssim, 0.92);
  EXPECT_DOUBLE_EQ(back.points[0].ssimulacra2, 75);
  EXPECT_DOUBLE_EQ(back.points[0].butteraugli, 1.5);
  EXPECT_DOUBLE_EQ(back.points[0].encode_seconds, 1.5);
  ASSERT_EQ(back.points[0].images.size(), 2U);
  EXPECT_EQ(back.points[0].images[1].image, "b.png");
  EXPECT_EQ(back.points[0].images[1].bytes, 3000U);
  EXPECT_DOUBLE_EQ(back.points[0].images[1].ms_ssim, 0.94);
  EXPECT_DOUBLE_EQ(back.points[0].images[1].ssimulacra2, 80);
}

TEST(CurveFile, HasAnchorsAndBdRates) {
  Results results;
  results.curve = {"vaec", "", "", "", "", 0.5};
  results.curve.points = {{.quality = 1, .bpp = 1, .psnr = 30, .ms_ssim = 0.9, .encode_seconds = 0.25},
                          {.quality = 2, .bpp = 2, .psnr = 33, .ms_ssim = 0.95}};
  Curve anchor = results.curve;
  anchor.codec = "webp";
  anchor.decode = "dwebp";
  for (CurvePoint& point : anchor.points) point.bpp *= 2, point.ms_ssim = kNone;
  results.anchors = {anchor};
  results.comparisons = {compare("webp", anchor, results.curve)};
  const auto json = nlohmann::json::parse(to_json(results));
  EXPECT_EQ(json["points"][0]["enc_mp_s"], 2.0);
  EXPECT_TRUE(json["points"][0]["dec_mp_s"].is_null());
  EXPECT_NEAR(json["points"][0]["msssim_db"].get<double>(), 10, 1e-9);
  EXPECT_EQ(json["anchors"][0]["codec"], "webp");
  EXPECT_EQ(json["anchors"][0]["decode"], "dwebp");
  EXPECT_EQ(json["bd_rates"][0]["against"], "webp");
  EXPECT_NEAR(json["bd_rates"][0]["psnr"]["percent"].get<double>(), -50, 1e-9);
  EXPECT_EQ(json["bd_rates"][0]["psnr"]["low"], 30.0);
  EXPECT_TRUE(json["bd_rates"][0]["msssim"].is_null());
}

TEST(CurveFile, Lines) {
  Curve curve{"vaec", "", "", "", "", 1};
  const CurvePoint point{.quality = 7, .bpp = 0.5, .psnr = 30, .encode_seconds = 2, .decode_seconds = 4};
  EXPECT_EQ(
      to_json_line(point, curve),
      R"({"codec":"vaec","q":7,"bpp":0.5,"psnr":30.0,"exact":0,"msssim":null,"msssim_db":null,"ssimulacra2":null,)"
      R"("butteraugli":null,"enc_s":2.0,)"
      R"("dec_s":4.0,"enc_mp_s":0.5,"dec_mp_s":0.25,"images":0})");
  Comparison comparison{"jpeg", {}, ""};
  comparison.by_metric[0] = {BdRate{-30, 28, 38}, PerImage{-32.5, 24}};
  comparison.by_metric[2] = {BdRate{-20, 40, 90}, {}};
  EXPECT_EQ(
      to_json_line(comparison),
      R"({"curve":"jpeg","bd_rate_percent":-30.0,"psnr_low":28.0,"psnr_high":38.0,)"
      R"("per_image":{"percent":-32.5,"images":24},)"
      R"("msssim_bd_rate_percent":null,"msssim_db_low":null,"msssim_db_high":null,"msssim_per_image":null,)"
      R"("ssimulacra2_bd_rate_percent":-20.0,"ssimulacra2_low":40.0,"ssimulacra2_high":90.0,)"
      R"("ssimulacra2_per_image":null,"butteraugli_bd_rate_percent":null,"butteraugli_low":null,)"
      R"("butteraugli_high":null,"butteraugli_per_image":null})");
}

TEST(CurveFile, InfinitePsnrIsNull) {
  Results results;
  results.curve.points = {{.quality = 1, .bpp = 2, .psnr = std::numeric_limits<double>::infinity()}};
  const std::string text = to_json(results);
  EXPECT_NE(text.find("\"psnr\": null"), std::string::npos);
  EXPECT_TRUE(std::isnan(parse_curve(text, "x").points[0].psnr));
}

TEST(CurveFile, AMeanNeedsTheMsSsimOfAllPictures) {
  CurvePoint point{.quality = 1, .images = {{"a", 1, 1, 30, 0.9}, {"small", 1, 1, 30}}};
  average(point);
  EXPECT_TRUE(std::isnan(point.ms_ssim));
  EXPECT_DOUBLE_EQ(point.psnr, 30);
}

TEST(CurveFile, TakesOneOfSeveralCodecs) {
  const std::string text =
      R"({"a": {"bpp": [1, 2], "psnr": [30, 33], "msssim": [0.9]}, "b": {"bpp": [3], "psnr": [40]}})";
  const Curve curve = parse_curve(text, "x.json", "a");
  ASSERT_EQ(curve.points.size(), 2U);
  EXPECT_DOUBLE_EQ(curve.points[1].bpp, 2);
  EXPECT_DOUBLE_EQ(curve.points[1].psnr, 33);
  EXPECT_DOUBLE_EQ(curve.points[0].ms_ssim, 0.9);
  EXPECT_TRUE(std::isnan(curve.points[1].ms_ssim));
  EXPECT_THROW((void)parse_curve(text, "x.json", "c"), Error);
}

TEST(CurveFile, SaysWhichFileIsNoCurve) {
  std::string deep = R"({"points": [{"per_image": )";
  for (int i = 0; i < 100000; ++i) deep += R"({"a":)";
  deep += "0" + std::string(100000, '}') + "}]}";
  for (const std::string& text :
       {std::string(), std::string("[1]"), std::string("{}"), std::string(R"({"points": 3)"), deep,
        std::string(R"({"points": [{"per_image": 1}], "codec": 5})")}) {
    try {
      (void)parse_curve(text, "x.json");
      FAIL() << text.substr(0, 100);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kUnreadable);
      EXPECT_EQ(std::string(error.what()).rfind("x.json: ", 0), 0U);
    }
  }
}

}  // namespace
}  // namespace vaec::eval
