#include "eval/rd_plot.hpp"

#include <gtest/gtest.h>

#include "eval/process.hpp"

namespace vaec::eval {
namespace {

std::vector<NamedCurve> curves() {
  Curve first, second;
  first.points = {{.quality = 1, .bpp = 0.5, .psnr = 30}, {.quality = 2, .bpp = 1, .psnr = 33}};
  second.points = {{.quality = 1, .bpp = 4, .psnr = 35, .ms_ssim = 0.99},
                   {.quality = 1, .bpp = 0.25, .psnr = 28, .ms_ssim = 0.9}};
  return {{"vaec", first}, {"it's\nme", second}};
}

TEST(RdPlot, DrawsSortedPoints) {
  const std::string script = plot_script(curves(), Metric::kPsnr, "a'b.png");
  EXPECT_NE(script.find("$curve0 << EOD\n0.5 30\n1 33\nEOD\n$curve1 << EOD\n0.25 28\n4 35\nEOD\n"),
            std::string::npos)
      << script;
  EXPECT_NE(script.find("set output 'a''b.png'\n"), std::string::npos) << script;
  EXPECT_NE(script.find("title 'it''s me'\n"), std::string::npos) << script;
  EXPECT_NE(script.find("set xrange [0:1.05]\n"), std::string::npos) << script;
}

TEST(RdPlot, LeavesOutCurvesWithoutTheMetric) {
  const std::string script = plot_script(curves(), Metric::kMsSsim, "b.png");
  EXPECT_EQ(script.find("$curve0"), std::string::npos);
  EXPECT_NE(script.find("\nplot $curve1 "), std::string::npos) << script;
  EXPECT_EQ(plot_script({curves()[0]}, Metric::kMsSsim, "b.png"), "");
}

TEST(RdPlot, IsAPngFile) {
  if (!is_installed("gnuplot")) GTEST_SKIP() << "gnuplot is not installed";
  const auto picture = draw_plot(curves(), Metric::kPsnr);
  ASSERT_TRUE(picture.has_value());
  ASSERT_GT(picture->size(), 1000U);
  EXPECT_EQ(static_cast<char>((*picture)[1]), 'P');
  EXPECT_FALSE(draw_plot({}, Metric::kPsnr).has_value());
}

}  // namespace
}  // namespace vaec::eval
