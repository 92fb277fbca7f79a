// vaec sweep: designs compared by cross-validation.
#include <gtest/gtest.h>

#include <sstream>

#include "run_program.hpp"

namespace vaec::cli {
namespace {

class SweepTest : public ProgramTest {
 protected:
  void SetUp() override {
    ProgramTest::SetUp();
    for (int i = 0; i < 6; ++i) write_picture("in/" + std::to_string(i) + ".ppm", 6, 5);
  }

  [[nodiscard]] Outcome sweep(const std::string& arguments) const {
    return run("sweep --data in --arch mnist --net dense --batch 2 --steps 2 --folds 2 -j 1 --hidden 4 " +
               arguments);
  }

  // The lines of table.csv, without the column of seconds.
  [[nodiscard]] std::vector<std::string> table(const std::string& folder) const {
    std::istringstream text(read(folder + "/table.csv"));
    std::vector<std::string> lines;
    for (std::string line; std::getline(text, line);) {
      std::istringstream fields(line);
      std::string kept;
      int column = 0;
      for (std::string field; std::getline(fields, field, ','); ++column) {
        if (column != 4) kept += field + ",";  // hidden, latent, elbo, deviation, seconds
      }
      lines.push_back(kept);
    }
    return lines;
  }
};

TEST_F(SweepTest, ComparesAGridAndTrainsTheBest) {
  const auto outcome = sweep("--latent 2,3 -o out");
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  const auto lines = table("out");
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_EQ(lines[0], "latent,hidden,elbo,deviation,fold1,fold2,");
  for (const char* name :
       {"latent2-hidden4-fold1", "latent2-hidden4-fold2", "latent3-hidden4-fold1", "latent3-hidden4-fold2"}) {
    EXPECT_TRUE(exists("out/results/" + std::string(name) + ".json")) << name;
    EXPECT_TRUE(exists("out/results/" + std::string(name) + ".jsonl")) << name;
    EXPECT_FALSE(exists("out/results/" + std::string(name) + ".safetensors")) << name;
  }
  EXPECT_NE(outcome.out.find("latent  hidden"), std::string::npos) << outcome.out;
  EXPECT_EQ(run("sample -m out/best.safetensors -n 4 -o grid.ppm").status, 0);
  // What is there is not trained again.
  const auto best = read("out/best.safetensors");
  const auto again = sweep("--latent 2,3 -o out");
  EXPECT_EQ(again.status, 0) << again.err;
  EXPECT_EQ(again.err.find("fold"), std::string::npos) << again.err;
  EXPECT_EQ(sweep("--latent 2,3 -o out > /dev/full").status, 6);
  EXPECT_EQ(read("out/best.safetensors"), best);
  // Nor taken for another sweep's.
  const auto other = sweep("--latent 2,4 -o out");
  EXPECT_EQ(other.status, 2);
  EXPECT_NE(other.err.find("another sweep"), std::string::npos) << other.err;
  EXPECT_EQ(sweep("--latent 2,3 --beta 2 -o out").status, 2);
}

TEST_F(SweepTest, PartsMakeTheSame) {
  ASSERT_EQ(sweep("--latent 2,3 -o whole").status, 0);
  const auto first = sweep("--latent 2,3 -o parts --shard 1/2");
  EXPECT_EQ(first.status, 0) << first.err;
  EXPECT_NE(first.err.find("2 results of other parts are missing"), std::string::npos) << first.err;
  EXPECT_FALSE(exists("parts/table.csv"));
  const auto second = sweep("--latent 2,3 -o parts --shard 2/2");
  EXPECT_EQ(second.status, 0) << second.err;
  EXPECT_EQ(table("parts"), table("whole"));
  EXPECT_TRUE(exists("parts/best.safetensors"));
}

TEST_F(SweepTest, DrawsAtRandom) {
  ASSERT_EQ(sweep("--latent 2:9 --lr 1e-4:1e-2 --random 2 -o out").status, 0);
  const auto two = files();
  // One more leaves those two as they are.
  const auto more = sweep("--latent 2:9 --lr 1e-4:1e-2 --random 3 -o out");
  EXPECT_EQ(more.status, 0) << more.err;
  EXPECT_NE(more.err.find("1 of 2: "), std::string::npos) << more.err;
  EXPECT_EQ(files().size(), two.size() + 4);
}

TEST_F(SweepTest, ADesignThatCannotBeTrainedIsNamed) {
  const auto outcome = sweep("--latent 2 --lr 1e-3,1e30 -o out");
  EXPECT_EQ(outcome.status, 1) << outcome.err;
  EXPECT_NE(outcome.out.find("failed"), std::string::npos) << outcome.out;
  EXPECT_NE(outcome.err.find("lr1e30"), std::string::npos) << outcome.err;
  EXPECT_NE(outcome.err.find("lr1e-3-hidden4 is the best"), std::string::npos) << outcome.err;
  EXPECT_TRUE(exists("out/best.safetensors"));
}

TEST_F(SweepTest, CtrlCLeavesACheckpoint) {
  const auto outcome =
      run_and_signal("sweep --data in --arch mnist --net dense --steps 100000000 --latent 2 -j 1 -o out",
                     SIGINT, "out/results/latent2-fold1.safetensors");
  EXPECT_EQ(outcome.status, 130) << outcome.err;
  EXPECT_TRUE(exists("out/results/latent2-fold1.ckpt"));
  EXPECT_FALSE(exists("out/results/latent2-fold1.json"));
}

TEST_F(SweepTest, RefusesWhatMakesNoSense) {
  for (const std::string wrong :
       {"--latent 2:9", "--latent 0", "--latent 2,2", "--lr fast", "--latent 9:2 --random 2",
        "--latent 2:3 4 --random 2", "--folds 7", "--shard 3/2", "--hidden 4,x"}) {
    const auto outcome = sweep(wrong + " -o out");
    EXPECT_EQ(outcome.status, 2) << wrong << ": " << outcome.err;
    EXPECT_FALSE(exists("out/results/all-fold1.json"));
    std::filesystem::remove_all(path("out"));
  }
}

TEST_F(SweepTest, LeavesNothingWhereItCannotBegin) {
  write("file", "mine");
  const auto outcome = sweep("--latent 2 -o file");
  EXPECT_EQ(outcome.status, 6);
  EXPECT_EQ(outcome.err, "vaec: file/results: cannot be made: Not a directory\n");
  const auto nothing = run("sweep --data none --arch mnist --steps 2 --latent 2 -o out");
  EXPECT_EQ(nothing.status, 3);
  EXPECT_EQ(nothing.err, "vaec: none: no such file or folder\n");
  EXPECT_FALSE(exists("out"));
}

}  // namespace
}  // namespace vaec::cli
