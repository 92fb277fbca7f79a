// vaec evaluate.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "run_program.hpp"

namespace vaec::cli {
namespace {

class Evaluate : public CodingTest {
 protected:
  [[nodiscard]] Outcome evaluate(const std::string& arguments) const {
    return run(coding("evaluate", arguments));
  }
};

TEST_F(Evaluate, WritesTheCurveItMeasured) {
  write_picture("in/a.ppm", 64, 48);
  write_picture("in/b.ppm", 32, 32);
  const Outcome outcome = evaluate("in -q 10,90 -o results.json");
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_NE(outcome.out.find("2 pictures"), std::string::npos) << outcome.out;
  const auto results = nlohmann::json::parse(read("results.json"));
  ASSERT_EQ(results["points"].size(), 2U);
  const auto& point = results["points"][0];
  EXPECT_EQ(point["q"], 10);
  ASSERT_EQ(point["per_image"].size(), 2U);
  EXPECT_EQ(point["per_image"][0]["image"], "a.ppm");
  const double mean =
      (point["per_image"][0]["bpp"].get<double>() + point["per_image"][1]["bpp"].get<double>()) / 2;
  EXPECT_NEAR(point["bpp"].get<double>(), mean, 1e-12);
  // The rate is that of real files.
  ASSERT_EQ(compress("in/a.ppm -q 10").status, 0);
  EXPECT_NEAR(point["per_image"][0]["bpp"].get<double>(),
              8.0 * static_cast<double>(read("in/a.vaec").size()) / 3072, 1e-12);
  EXPECT_EQ(evaluate("in -q 10 -o results.json").status, 6);
}

TEST_F(Evaluate, BdRateAgainstItselfIsZero) {
  write_picture("a.ppm", 128, 96);
  ASSERT_EQ(evaluate("a.ppm -q 10,50,90 -o mine.json").status, 0);
  const Outcome outcome = evaluate("a.ppm -q 10,50,90 --curve mine=mine.json --json");
  // A model that hardly learned anything may give no rising curve, which is said.
  if (outcome.status == 0) {
    EXPECT_NE(outcome.out.find("\"curve\":\"mine\",\"bd_rate_percent\":"), std::string::npos) << outcome.out;
  } else {
    EXPECT_EQ(outcome.status, 3);
    EXPECT_NE(outcome.err.find("--curve mine: BD-rate: "), std::string::npos) << outcome.err;
  }
}

TEST_F(Evaluate, PutsOriginalAndReconstructionSideBySide) {
  write_picture("a.ppm", 20, 10);
  ASSERT_EQ(evaluate("a.ppm -q 50 --side-by-side both.ppm").status, 0);
  EXPECT_EQ(read("both.ppm").substr(0, 9), "P6\n48 10\n");
  EXPECT_EQ(evaluate("a.ppm -q 50,60 --side-by-side more.ppm").status, 2);
}

}  // namespace
}  // namespace vaec::cli
