// compress --effort and --target-*.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "run_program.hpp"

namespace vaec::cli {
namespace {

using Target = CodingTest;

std::size_t size_of(const std::string& bytes) { return bytes.size(); }

TEST_F(Target, FindsTheBestQualityWithinASize) {
  write_picture("a.ppm", 256, 192);
  ASSERT_EQ(compress("a.ppm --no-guard -q 1 -o small.vaec").status, 0);
  ASSERT_EQ(compress("a.ppm --no-guard -q 100 -o large.vaec").status, 0);
  const auto small = size_of(read("small.vaec")), large = size_of(read("large.vaec"));
  ASSERT_GT(large, small + small / 10);
  const auto wanted = (small + large) / 2;
  const Outcome outcome =
      compress("a.ppm --no-guard -o a.vaec --json --target-size " + std::to_string(wanted));
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_LE(size_of(read("a.vaec")), wanted);
  // It is told, and the next one is too large.
  const int found = nlohmann::json::parse(outcome.out).at("quality").get<int>();
  ASSERT_EQ(compress("a.ppm --no-guard -o same.vaec -q " + std::to_string(found)).status, 0);
  EXPECT_EQ(read("same.vaec"), read("a.vaec"));
  ASSERT_EQ(compress("a.ppm --no-guard -o next.vaec -q " + std::to_string(found + 1)).status, 0);
  EXPECT_GT(size_of(read("next.vaec")), wanted);
  const Outcome text = compress("a.ppm --no-guard -f --target-size " + std::to_string(wanted));
  EXPECT_NE(text.err.find("  quality " + std::to_string(found) + "  "), std::string::npos) << text.err;
}

TEST_F(Target, ASizeIsNeverExceeded) {
  write_picture("a.ppm", 96, 64);
  ASSERT_EQ(compress("a.ppm --no-guard -q 1 -o small.vaec").status, 0);
  ASSERT_EQ(compress("a.ppm --no-guard -q 100 -o large.vaec").status, 0);
  const auto small = size_of(read("small.vaec")), large = size_of(read("large.vaec"));
  for (auto wanted = small; wanted < large; wanted += 1 + (large - small) / 7) {
    const double bpp = 8.0 * static_cast<double>(wanted) / (96 * 64);
    for (const std::string& aim : {"size " + std::to_string(wanted), "bpp " + std::to_string(bpp + 1e-6)}) {
      ASSERT_EQ(compress("a.ppm --no-guard -f --target-" + aim).status, 0) << aim;
      EXPECT_LE(size_of(read("a.vaec")), wanted) << aim;
    }
  }
  EXPECT_EQ(compress("a.ppm --no-guard -f --target-size " + std::to_string(small - 1)).status, 5);
}

// As much as there is for what is asked for, and a word about it.
TEST_F(Target, MoreThanEnoughIsNoFault) {
  write_picture("a.ppm", 64, 64);
  ASSERT_EQ(compress("a.ppm --no-guard -q 1 -o small.vaec").status, 0);
  ASSERT_EQ(compress("a.ppm --no-guard -q 100 -o large.vaec").status, 0);
  for (const auto& [aim, quality] :
       std::vector<std::pair<std::string, std::string>>{{"size 100k", "100"},
                                                        {"size 10000000", "100"},
                                                        {"bpp 24", "100"},
                                                        {"psnr 1", "1"},
                                                        {"ssimulacra2 0.001", "1"}}) {
    const Outcome outcome = compress("a.ppm --no-guard -f --target-" + aim);
    EXPECT_EQ(outcome.status, 0) << aim << ": " << outcome.err;
    EXPECT_EQ(read("a.vaec"), read(quality == "1" ? "small.vaec" : "large.vaec")) << aim;
    EXPECT_NE(outcome.err.find("vaec: note: a.ppm: quality " + quality + " comes nearest to "),
              std::string::npos)
        << aim << ": " << outcome.err;
  }
}

TEST_F(Target, BppIsThatOfTheWholeFile) {
  write_picture("a.ppm", 256, 192);
  const Outcome plain = compress("a.ppm -q 60 --json");
  const double bpp = nlohmann::json::parse(plain.out).at("bpp").get<double>();
  const Outcome found = compress("a.ppm -f --json --target-bpp " + std::to_string(bpp));
  EXPECT_EQ(found.status, 0) << found.err;
  EXPECT_NEAR(nlohmann::json::parse(found.out).at("bpp").get<double>(), bpp, 0.02 * bpp);
}

TEST_F(Target, SaysWhatCanBeReached) {
  write_picture("a.ppm", 64, 64);
  const Outcome small = compress("a.ppm --target-size 10");
  EXPECT_EQ(small.status, 5);
  EXPECT_NE(small.err.find("a target of 10 bytes cannot be reached: quality 1 gives "), std::string::npos)
      << small.err;
  const Outcome good = compress("a.ppm --target-psnr 99");
  EXPECT_EQ(good.status, 5);
  EXPECT_NE(good.err.find(" dB, quality 100 "), std::string::npos) << good.err;
  EXPECT_FALSE(exists("a.vaec"));
}

TEST_F(Target, FindsTheQualityForAScore) {
  write_picture("a.ppm", 100, 60);
  const auto scored = [&](const std::string& how) {
    const Outcome outcome = compress("a.ppm -f --verify --json --no-guard " + how);
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    return nlohmann::json::parse(outcome.out).at("ssimulacra2").get<double>();
  };
  const double low = scored("-q 20"), high = scored("-q 90");
  ASSERT_GT(low, 0);
  ASSERT_LT(low + 10, high);
  const double wanted = (low + high) / 2;
  EXPECT_NEAR(scored("--target-ssimulacra2 " + std::to_string(wanted)), wanted, 3);
  write_picture("thin.ppm", 100, 7);
  const Outcome none = compress("thin.ppm --target-ssimulacra2 70");
  EXPECT_EQ(none.status, 5);
  EXPECT_NE(none.err.find("less than 8 pixels"), std::string::npos) << none.err;
}

TEST_F(Target, ExcludesOtherAimsAndBadEfforts) {
  write_picture("a.ppm", 20, 10);
  for (const std::string wrong : {"-q 50 --target-bpp 1", "--target-bpp 1 --target-size 100",
                                  "--target-psnr -3", "--target-psnr 30 --target-size 100",
                                  "--target-psnr 30 --target-ssimulacra2 70", "-e 0", "-e 10", "-e x"}) {
    EXPECT_EQ(compress("a.ppm " + wrong).status, 2) << wrong;
  }
  EXPECT_FALSE(exists("a.vaec"));
}

TEST_F(Target, EveryEffortDecodes) {
  write_picture("a.ppm", 70, 45);
  for (int effort = 1; effort <= 9; ++effort) {
    ASSERT_EQ(compress("a.ppm -f -e " + std::to_string(effort)).status, 0) << effort;
    ASSERT_EQ(decompress("a.vaec -f -o b.ppm").status, 0) << effort;
    EXPECT_EQ(read("b.ppm").substr(0, 9), "P6\n70 45\n");
  }
}

}  // namespace
}  // namespace vaec::cli
