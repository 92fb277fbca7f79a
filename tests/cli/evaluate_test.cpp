// vaec evaluate.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <utility>

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

// Against a curve of the same quality at twice and at half the rate. The shipped model, since one that hardly
// learned anything gives no rising curve.
TEST_F(Evaluate, BdRatesAreThoseOfTheCurves) {
  const std::string model = VAEC_SOURCE_DIR "/models/photo-1.safetensors";
  ASSERT_TRUE(std::filesystem::exists(model)) << model << " is missing";
  const std::string command = "evaluate -m '" + model + "' -j 1 a.ppm -q 10,50,90 --json ";
  write_picture("a.ppm", 192, 176);
  ASSERT_EQ(run(command + "-o mine.json").status, 0);
  const auto mine = nlohmann::json::parse(read("mine.json"));
  const auto write_scaled = [&](const std::string& name, double factor) {
    auto scaled = mine;
    const auto scale = [&](nlohmann::json& bpp) { bpp = factor * bpp.get<double>(); };
    for (auto& point : scaled["points"]) {
      scale(point["bpp"]);
      for (auto& image : point["per_image"]) scale(image["bpp"]);
    }
    write(name, scaled.dump());
  };
  write_scaled("twice.json", 2);
  write_scaled("half.json", 0.5);
  const Outcome outcome =
      run(command + "--curve same=mine.json --curve twice=twice.json --curve half=half.json");
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  std::map<std::string, nlohmann::json> told;
  std::istringstream lines(outcome.out);
  for (std::string line; std::getline(lines, line);) {
    const auto object = nlohmann::json::parse(line);
    if (object.contains("curve")) told[object["curve"]] = object;
  }
  ASSERT_EQ(told.size(), 3U) << outcome.out;
  for (const auto& [name, percent] : {std::pair("same", 0.0), {"twice", -50.0}, {"half", 100.0}}) {
    for (const char* metric : {"bd_rate_percent", "msssim_bd_rate_percent"})
      EXPECT_NEAR(told[name][metric].get<double>(), percent, 1e-6) << name << " " << metric;
    EXPECT_NEAR(told[name]["per_image"]["percent"].get<double>(), percent, 1e-6) << name;
  }
}

TEST_F(Evaluate, ACurveThatDoesNotRiseIsNamed) {
  write_picture("a.ppm", 64, 48);
  write("flat.json", R"({"codec": "x", "points": [{"bpp": 1, "psnr": 30}, {"bpp": 2, "psnr": 30}]})");
  const Outcome outcome = evaluate("a.ppm -q 10,50,90 --curve flat=flat.json --json");
  EXPECT_EQ(outcome.status, 3);
  EXPECT_NE(outcome.err.find("--curve flat: BD-rate: "), std::string::npos) << outcome.err;
}

// Pictures that have an MS-SSIM, a curve of each anchor, a report with all that is in it.
TEST_F(Evaluate, WritesAReportWithAnchors) {
  write_picture("in/a.ppm", 192, 176);
  write_picture("in/b.ppm", 176, 200);
  const Outcome outcome = evaluate("in -q 10,90 --anchors jpeg,webp --compare b --crop 8,8 -o report --json");
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  const auto results = nlohmann::json::parse(read("report/results.json"));
  const auto& point = results["points"][1];
  EXPECT_GT(point["msssim"].get<double>(), 0.5);
  EXPECT_LT(point["msssim"].get<double>(), 1.0);
  EXPECT_GT(point["enc_mp_s"].get<double>(), 0.0);
  ASSERT_EQ(results["anchors"].size(), 2U);
  const auto& webp = results["anchors"][1];
  EXPECT_EQ(webp["codec"], "webp");
  EXPECT_EQ(webp["command"], "cv::imencode(\".webp\", IMWRITE_WEBP_QUALITY <q>)");
  EXPECT_EQ(webp["version"].get<std::string>().rfind("OpenCV ", 0), 0U);
  EXPECT_EQ(webp["images"], 2);
  EXPECT_GT(webp["points"].size(), 5U);
  ASSERT_EQ(results["bd_rates"].size(), 2U);
  EXPECT_EQ(results["bd_rates"][0]["against"], "jpeg");
  // A line for each picture, quality and codec, and a title.
  const std::string table = read("report/results.csv");
  std::size_t lines = 1 + 2 * results["points"].size();
  for (const auto& anchor : results["anchors"]) lines += 2 * anchor["points"].size();
  EXPECT_EQ(static_cast<std::size_t>(std::count(table.begin(), table.end(), '\n')), lines);
  EXPECT_EQ(table.rfind("codec,quality,image,bytes,", 0), 0U);
  EXPECT_NE(outcome.out.find("{\"codec\":\"jpeg\",\"q\":10,\"bpp\":"), std::string::npos) << outcome.out;
  EXPECT_NE(outcome.out.find("{\"curve\":\"webp\",\"bd_rate_percent\":"), std::string::npos) << outcome.out;
  EXPECT_EQ(read("report/compare-b.png").substr(1, 3), "PNG");
  // The plots need gnuplot.
  EXPECT_NE(exists("report/psnr.png"), outcome.err.find("gnuplot is not installed") != std::string::npos);
  EXPECT_EQ(exists("report/psnr.png"), exists("report/ms-ssim.png"));

  const Outcome again = evaluate("in -q 10 -o report");
  EXPECT_EQ(again.status, 6);
  EXPECT_EQ(again.err, "vaec: report/results.json: exists already (use -f to overwrite it)\n");
}

// Whatever it is called, by its first bytes, as compress takes it; what is left out and what is broken is told, and the
// others are measured all the same.
TEST_F(Evaluate, TakesWhatIsAPictureAndTellsWhatIsNot) {
  write_picture("in/b.ppm", 32, 32);
  write("in/c.data", read("in/b.ppm"));
  write("in/a.heic", "broken");
  write("in/notes.txt", "no picture");
  const Outcome outcome = evaluate("in -q 50 --json -o r.json");
  EXPECT_EQ(outcome.status, 1) << outcome.err;
  EXPECT_NE(outcome.err.find("1 file(s) left out that are no pictures: in/notes.txt"), std::string::npos)
      << outcome.err;
  EXPECT_NE(outcome.err.find("vaec: in/a.heic: "), std::string::npos) << outcome.err;
  const auto point = nlohmann::json::parse(read("r.json"))["points"][0];
  ASSERT_EQ(point["per_image"].size(), 2U);
  EXPECT_EQ(point["per_image"][1]["image"], "c.data");
  std::filesystem::remove(path("in/b.ppm"));
  std::filesystem::remove(path("in/c.data"));
  write("in/d.png", "broken");
  EXPECT_EQ(evaluate("in -q 50").status, 3);
}

// A drawn picture comes back exactly: its PSNR is infinite, and no mean is.
TEST_F(Evaluate, TellsHowManyPicturesAreExact) {
  write_picture("in/b.ppm", 64, 64);
  write("in/a.ppm", "P6\n64 64\n255\n" + std::string(std::size_t{64} * 64 * 3, 'x'));
  const Outcome outcome = evaluate("in -q 50,60 -o r.json --anchors jpeg");
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_NE(outcome.out.find("vaec 50: 1 of 2 pictures exact, PSNR is that of the others"), std::string::npos)
      << outcome.out;
  EXPECT_NE(outcome.out.find("MS-SSIM none ("), std::string::npos) << outcome.out;
  const auto point = nlohmann::json::parse(read("r.json"))["points"][0];
  EXPECT_EQ(point["exact"], 1);
  EXPECT_EQ(point["psnr"], point["per_image"][1]["psnr"]);
}

TEST_F(Evaluate, SmallPicturesHaveNoMsSsim) {
  write_picture("a.ppm", 64, 300);
  const Outcome outcome = evaluate("a.ppm -q 50 --json -o r.json");
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_NE(outcome.out.find("\"msssim\":null,\"msssim_db\":null"), std::string::npos) << outcome.out;
  EXPECT_TRUE(nlohmann::json::parse(read("r.json"))["points"][0]["msssim"].is_null());
}

TEST_F(Evaluate, WithoutGnuplotThereAreNoPlots) {
  write_picture("a.ppm", 32, 32);
  const Outcome outcome = run(coding("evaluate", "a.ppm -q 50 -o report --quiet"), "PATH=/nowhere ");
  EXPECT_EQ(outcome.status, 0);
  EXPECT_NE(
      outcome.err.find("vaec: report: no plots: gnuplot is not installed (Debian package gnuplot-nox)\n"),
      std::string::npos)
      << outcome.err;
  EXPECT_TRUE(exists("report/results.csv"));
  EXPECT_FALSE(exists("report/psnr.png"));
}

// Nothing of an earlier run stands beside the results of a later one.
TEST_F(Evaluate, ReplacesAReportAsAWhole) {
  for (const char* name : {"in/one.ppm", "in/two.ppm"}) write_picture(name, 32, 32);
  write("report/compare-mine.png", "mine");
  ASSERT_EQ(evaluate("in -q 50,60 -o report --compare one").status, 0);
  EXPECT_EQ(read("report/compare-mine.png"), "mine") << "there were no results beside it";
  for (const char* name : {"report/psnr.png", "report/ms-ssim.png", "report/notes.png"}) write(name, "old");
  const Outcome again = run(coding("evaluate", "in -q 50,60 -f -o report --compare two"), "PATH=/nowhere ");
  ASSERT_EQ(again.status, 0) << again.err;
  std::vector<std::string> report;
  for (const std::string& name : files()) {
    if (name.starts_with("report/")) report.push_back(name.substr(7));
  }
  EXPECT_EQ(report,
            (std::vector<std::string>{"compare-two.png", "notes.png", "results.csv", "results.json"}));
}

TEST_F(Evaluate, ListsAreReadHoweverTheyAreGiven) {
  write_picture("a.ppm", 32, 32);
  for (const std::string list : {"-q 50,60", "-q 50 60", "-q 50 -q 60"}) {
    const Outcome outcome = evaluate("a.ppm --json -o r.json -f " + list);
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_EQ(nlohmann::json::parse(read("r.json"))["points"].size(), 2U) << list;
  }
}

TEST_F(Evaluate, WrongUsageIsOneLine) {
  write_picture("a.ppm", 32, 32);
  write("file", "mine");
  const auto check = [&](const std::string& arguments, int status, const std::string& message) {
    const Outcome outcome = run(coding("evaluate", arguments), "PATH=/nowhere ");
    EXPECT_EQ(outcome.status, status) << arguments;
    EXPECT_EQ(outcome.err, message) << arguments;
  };
  check("a.ppm --anchors avif", 2,
        "vaec: --anchors: avif: avifenc is not installed (Debian package libavif-bin)\n");
  check("a.ppm --anchors gif", 2,
        "vaec: --anchors: gif: is none of jpeg, webp, jpeg2000 (through OpenCV), avif, avif-psnr, jxl, heic "
        "(through "
        "their "
        "programs)\n");
  check("a.ppm --compare a", 2, "vaec: --compare: needs a folder for its pictures (-o REPORT_DIR)\n");
  check("a.ppm --compare b -o report", 2, "vaec: --compare b: no picture has that name\n");
  check("a.ppm --compare a -o report --crop 31,32", 2,
        "vaec: --crop 31,32: is outside a.ppm, which has 32x32 pixels\n");
  check("a.ppm -q 50,,60", 2,
        "vaec: --quality: Value 50,,60 has an empty place (see vaec evaluate --help)\n");
  check("a.ppm -o file", 6, "vaec: file: is no folder (name a folder, or a file that ends in .json)\n");
  EXPECT_EQ(files(), (std::vector<std::string>{"a.ppm", "file"}));
}

TEST_F(Evaluate, PutsOriginalAndReconstructionSideBySide) {
  write_picture("a.ppm", 20, 10);
  ASSERT_EQ(evaluate("a.ppm -q 50 --side-by-side both.ppm").status, 0);
  EXPECT_EQ(read("both.ppm").substr(0, 9), "P6\n48 10\n");
  EXPECT_EQ(evaluate("a.ppm -q 50,60 --side-by-side more.ppm").status, 2);
}

}  // namespace
}  // namespace vaec::cli
