#include "eval/scatter_plot.hpp"

#include <gtest/gtest.h>

#include "eval/gnuplot.hpp"
#include "eval/process.hpp"

namespace vaec::eval {
namespace {

TEST(ScatterPlot, HasAColourAndAnEntryForEachGroup) {
  const auto script =
      scatter_script({{"it's", {{1, 2}, {3, 4.5}}}, {"none", {}}, {"", {{-1, 0}}}}, {"x", "y"}, "p.png");
  EXPECT_NE(script.find("$group0 << EOD\n1 2\n3 4.5\nEOD\n"), std::string::npos) << script;
  EXPECT_NE(script.find("title 'it''s'"), std::string::npos);
  EXPECT_EQ(script.find("none"), std::string::npos);
  EXPECT_NE(script.find("'#001f77b4' notitle, $group2 using 1:2"), std::string::npos);
  EXPECT_EQ(scatter_script({}, {"x", "y"}, "p.png"), "");
}

TEST(ScatterPlot, GnuplotDrawsIt) {
  if (!is_installed("gnuplot")) GTEST_SKIP() << "gnuplot is not installed";
  const auto png = run_gnuplot([](const std::filesystem::path& picture) {
    return scatter_script({{"a", {{1, 2}, {3, 4}}}, {"b", {{2, 2}}}}, {"first", "second"}, picture);
  });
  ASSERT_TRUE(png);
  EXPECT_GT(png->size(), 1000U);
  EXPECT_EQ(std::to_integer<int>((*png)[1]), 'P');
}

}  // namespace
}  // namespace vaec::eval
