// vaec sample: from the prior, from a posterior, between two pictures, along each number of the latent.
#include <gtest/gtest.h>

#include "run_program.hpp"

namespace vaec::cli {
namespace {

// The pixels of a PGM file (P5 of 8 bits) and its size.
struct Grey {
  int width = 0, height = 0;
  std::string pixels = {};

  explicit Grey(const std::string& file) {
    int depth = 0, at = 0;
    sscanf(file.c_str(), "P5 %d %d %d%n", &width, &height, &depth, &at);
    pixels = file.substr(static_cast<std::size_t>(at) + 1);
  }
  // The 28x28 pixels at a place of a grid that has `left` and `top` pixels of labels.
  [[nodiscard]] std::string at(int row, int column, int left = 0, int top = 0) const {
    std::string cell;
    for (int y = 0; y < 28; ++y) {
      const int first = (top + 2 + row * 30 + y) * width + left + 2 + column * 30;
      cell += pixels.substr(static_cast<std::size_t>(first), 28);
    }
    return cell;
  }
};

class Sample : public ProgramTest {
 protected:
  void SetUp() override {
    ProgramTest::SetUp();
    write_picture("a.pgm", 28, 28, 1);
    std::string file = read("a.pgm");
    std::reverse(file.end() - 28 * 28, file.end());
    write("b.pgm", file);
  }
  [[nodiscard]] Grey drawn(const std::string& arguments) const {
    const auto outcome = run("sample -f -j 1 -o out.pgm " + arguments);
    EXPECT_EQ(outcome.status, 0) << arguments << ": " << outcome.err;
    return Grey(read("out.pgm"));
  }
};

TEST_F(Sample, DrawsAGridFromThePrior) {
  const auto grid = drawn("-n 5 --seed 7");
  EXPECT_EQ(grid.width, 3 * 30 + 2);
  EXPECT_EQ(grid.height, 2 * 30 + 2);
  EXPECT_EQ(drawn("-n 5 --seed 7").pixels, grid.pixels);
  EXPECT_NE(drawn("-n 5 --seed 8").pixels, grid.pixels);
  EXPECT_EQ(drawn("-n 7 --seed 7").at(0, 1), grid.at(0, 1));  // more are more, not others
  EXPECT_NE(grid.at(0, 0), grid.at(0, 1));
}

TEST_F(Sample, DrawsNeighbours) {
  const auto grid = drawn("--vary a.pgm b.pgm -n 3");
  EXPECT_EQ(grid.width, 4 * 30 + 2);  // behind the picture itself
  EXPECT_EQ(grid.height, 2 * 30 + 2);
  EXPECT_EQ(grid.at(0, 0), Grey(read("a.pgm")).pixels);
  EXPECT_EQ(grid.at(1, 0), Grey(read("b.pgm")).pixels);
  EXPECT_NE(grid.at(0, 1), grid.at(0, 2));
  // Without spread all are the reconstruction.
  const auto still = drawn("--vary a.pgm -n 2 --spread 0");
  EXPECT_EQ(still.at(0, 1), still.at(0, 2));
  EXPECT_NE(still.at(0, 1), grid.at(0, 1));
}

TEST_F(Sample, WritesNeighboursAsFiles) {
  const auto outcome = run("sample --vary a.pgm b.pgm -n 10 -o more/kinds");
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_TRUE(exists("more/kinds/a-01.png"));
  EXPECT_TRUE(exists("more/kinds/b-10.png"));
  EXPECT_EQ(files().size(), 2U + 20U);
  const auto again = run("sample --vary a.pgm -n 10 -o more/kinds");
  EXPECT_EQ(again.status, 6);
  EXPECT_NE(again.err.find("a-01.png"), std::string::npos) << again.err;
  EXPECT_EQ(run("sample --vary a.pgm a.pgm -o twice").status, 2);
  EXPECT_FALSE(exists("twice"));
}

TEST_F(Sample, GoesFromOnePictureToAnother) {
  const auto line = drawn("--between a.pgm b.pgm -n 4");
  EXPECT_EQ(line.width, 4 * 30 + 2);
  EXPECT_EQ(line.height, 32);
  EXPECT_EQ(line.at(0, 0), drawn("--vary a.pgm -n 1 --spread 0").at(0, 1));
  EXPECT_EQ(line.at(0, 3), drawn("--vary b.pgm -n 1 --spread 0").at(0, 1));
  const auto back = drawn("--between b.pgm a.pgm -n 4");
  EXPECT_EQ(back.at(0, 0), line.at(0, 3));
}

TEST_F(Sample, ShowsWhatEachNumberDoes) {
  const auto around = drawn("--traverse a.pgm -n 3"), middle = drawn("--traverse -n 3");
  constexpr int kLeft = 2 * 4 + 1, kTop = 7;
  EXPECT_EQ(around.width, kLeft + 3 * 30 + 2);
  EXPECT_EQ((around.height - kTop - 2) % 30, 0);
  const int rows = (around.height - kTop - 2) / 30;
  ASSERT_GT(rows, 2);
  // The prior's middle is in all rows, with each number at 0.
  EXPECT_EQ(middle.at(0, 1, kLeft, kTop), middle.at(rows - 1, 1, kLeft, kTop));
  EXPECT_NE(middle.at(0, 0, kLeft, kTop), middle.at(0, 2, kLeft, kTop));
  EXPECT_NE(around.pixels, middle.pixels);
  const auto change = [&](int row) {
    const auto low = middle.at(row, 0, kLeft, kTop), high = middle.at(row, 2, kLeft, kTop);
    double sum = 0;
    for (std::size_t i = 0; i < low.size(); ++i) {
      const double d = static_cast<unsigned char>(low[i]) - static_cast<unsigned char>(high[i]);
      sum += d * d;
    }
    return sum;
  };
  for (int row = 1; row < rows; ++row) EXPECT_GE(change(row - 1), change(row)) << row;
}

TEST_F(Sample, RefusesWhatMakesNoSense) {
  for (const std::string wrong :
       {"--vary a.pgm --between a.pgm b.pgm", "--between a.pgm", "--between a.pgm b.pgm a.pgm", "--spread 2",
        "--between a.pgm b.pgm -n 1", "--traverse -n 1", "--vary a.pgm --spread -1", "-n 0",
        "--traverse --vary a.pgm"}) {
    EXPECT_EQ(run("sample -o x.pgm " + wrong).status, 2) << wrong;
  }
  write_picture("large.pgm", 30, 28, 1);
  const auto outcome = run("sample -o x.pgm --vary large.pgm");
  EXPECT_EQ(outcome.status, 3);
  EXPECT_NE(outcome.err.find("large.pgm: image is 30x28 grey"), std::string::npos) << outcome.err;
  EXPECT_EQ(run("sample -o folder --vary a.pgm large.pgm").status, 3);
  EXPECT_FALSE(exists("folder"));
  const auto photo = run("sample -o x.pgm -m photo");
  EXPECT_EQ(photo.status, 7);
  EXPECT_NE(photo.err.find("cannot generate"), std::string::npos) << photo.err;
  EXPECT_FALSE(exists("x.pgm"));
}

TEST_F(Sample, NeverReplacesWhatItReads) {
  const auto a = read("a.pgm");
  write("c-1.png", a);
  std::filesystem::create_directory(path("in"));
  std::filesystem::copy_file(VAEC_SOURCE_DIR "/models/mnist-1.safetensors", path("m.pgm"));
  for (const std::string arguments :
       {"--between a.pgm b.pgm -o a.pgm", "--vary a.pgm -o ./in/../a.pgm", "--traverse a.pgm -o a.pgm",
        "--vary c-1.png c.pgm -n 1 -o ./", "-m ./m.pgm -o m.pgm"}) {
    const auto outcome = run("sample -f " + arguments);
    EXPECT_EQ(outcome.status, 2) << arguments << ": " << outcome.err;
    EXPECT_NE(outcome.err.find(": is an input and would be an output as well\n"), std::string::npos)
        << outcome.err;
  }
  EXPECT_EQ(read("a.pgm"), a);
}

TEST_F(Sample, AFileIsNoFolder) {
  write("file", "mine");
  for (const std::string place : {"file", "file/in"}) {
    const auto outcome = run("sample --vary a.pgm -n 1 -o " + place);
    EXPECT_EQ(outcome.status, 6);
    EXPECT_EQ(outcome.err, "vaec: " + place + ": cannot be made: Not a directory\n");
  }
}

}  // namespace
}  // namespace vaec::cli
