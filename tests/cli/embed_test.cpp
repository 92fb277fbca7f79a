// vaec embed: a vector of each picture.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

#include "base/npy.hpp"
#include "run_program.hpp"

namespace vaec::cli {
namespace {

struct Vectors {
  std::size_t rows = 0, columns = 0;
  std::vector<float> values;
  [[nodiscard]] std::vector<float> row(std::size_t i) const {
    const auto first = values.begin() + static_cast<std::ptrdiff_t>(i * columns);
    return {first, first + static_cast<std::ptrdiff_t>(columns)};
  }
};

class Embed : public ProgramTest {
 protected:
  [[nodiscard]] Vectors vectors(const std::string& name) const {
    const auto text = read(name);
    const auto array = base::parse_npy(std::as_bytes(std::span(text)));
    EXPECT_EQ(array.descr, "<f4");
    EXPECT_EQ(array.shape.size(), 2U);
    Vectors result{array.shape.at(0), array.shape.at(1), std::vector<float>(array.data.size() / 4)};
    if (!array.data.empty()) std::memcpy(result.values.data(), array.data.data(), array.data.size());
    return result;
  }
  [[nodiscard]] Outcome embed(const std::string& arguments) const {
    return run("embed -m '" + kModel + "' -j 1 " + arguments);
  }
  void expect_done(const Outcome& outcome) const { EXPECT_EQ(outcome.status, 0) << outcome.err; }

  // `count` pictures of 28x28: bytes that differ.
  [[nodiscard]] static std::string digits(int count) {
    std::string pixels;
    for (int i = 0; i < count * 28 * 28; ++i) pixels += static_cast<char>((i * i / 97 + i / 784 * 31) % 256);
    return pixels;
  }
  [[nodiscard]] static std::string npy_of(const std::string& pixels, const std::string& size = "28, 28") {
    const std::string literal = "{'descr': '|u1', 'fortran_order': False, 'shape': (" +
                                std::to_string(pixels.size() / 784) + ", " + size + "), }\n";
    return std::string("\x93NUMPY\x01\x00", 8) + static_cast<char>(literal.size()) + '\0' + literal + pixels;
  }
};

TEST_F(Embed, ARowForEachPictureWhateverItsSize) {
  write_picture("in/b.ppm", 70, 33);
  write_picture("in/sub/c.ppm", 20, 130, 1);
  write_picture("in/a.ppm", 16, 16);
  write("in/notes.txt", "no picture");
  expect_done(embed("in -r -o v.npy"));
  const auto three = vectors("v.npy");
  EXPECT_EQ(three.rows, 3U);
  EXPECT_GT(three.columns, 1U);
  EXPECT_EQ(read("v.txt"), "in/a.ppm\nin/b.ppm\nin/sub/c.ppm\n");
  for (const float value : three.values) EXPECT_TRUE(std::isfinite(value));
  // In the order of the command line, and the same file twice.
  expect_done(embed("in/b.ppm in/a.ppm in/b.ppm -o w.npy"));
  const auto others = vectors("w.npy");
  EXPECT_EQ(others.row(0), three.row(1));
  EXPECT_EQ(others.row(1), three.row(0));
  EXPECT_EQ(others.row(2), three.row(1));
  EXPECT_NE(three.row(0), three.row(1));
}

TEST_F(Embed, AnyNumberOfThreadsGivesTheSame) {
  for (const char* name : {"a.ppm", "b.ppm", "c.ppm", "d.ppm", "e.ppm"})
    write_picture(name, 40 + name[0] % 7, 90);
  expect_done(embed("a.ppm b.ppm c.ppm d.ppm e.ppm -o one.npy"));
  expect_done(run("embed -m '" + kModel + "' -j 3 a.ppm b.ppm c.ppm d.ppm e.ppm -o three.npy"));
  EXPECT_EQ(read("one.npy"), read("three.npy"));
}

// Of one colour all positions are alike: deviations are 0, but for the padding that the borders see.
TEST_F(Embed, MeansAndDeviations) {
  write("grey.pgm", "P5 640 640 255\n" + std::string(640 * 640, '\x80'));
  write("half.pgm", "P5 640 640 255\n" + std::string(640 * 320, '\x80') + std::string(640 * 320, '\x20'));
  expect_done(embed("grey.pgm half.pgm -o v.npy"));
  const auto both = vectors("v.npy");
  const auto grey = both.row(0), half = both.row(1);
  EXPECT_GT(std::abs(grey[0] - half[0]), 1);  // luma's mean
  const auto largest_deviation = [](const std::vector<float>& row) {
    return *std::max_element(row.begin() + 3, row.end());  // behind the three means
  };
  EXPECT_GT(largest_deviation(half), 10 * largest_deviation(grey));
}

TEST_F(Embed, CsvHasTheSameNumbers) {
  write_picture("a, b.ppm", 40, 30);
  write_picture("c\"d\n.ppm", 50, 30);
  expect_done(embed("'a, b.ppm' 'c\"d\n.ppm' -o v.csv"));
  expect_done(embed("'a, b.ppm' -o v.npy"));
  const auto table = read("v.csv");
  EXPECT_EQ(table.rfind("file,v0,v1,", 0), 0U) << table;
  EXPECT_NE(table.find("\n\"c\"\"d\n.ppm\","), std::string::npos) << table;
  const std::string begin = "\n\"a, b.ppm\",";
  ASSERT_NE(table.find(begin), std::string::npos) << table;
  std::istringstream line(table.substr(table.find(begin) + begin.size()));
  std::vector<float> numbers;
  const auto wanted = vectors("v.npy");
  for (std::size_t i = 0; i < wanted.columns; ++i) {
    std::string number;
    std::getline(line, number, i + 1 < wanted.columns ? ',' : '\n');
    numbers.push_back(std::strtof(number.c_str(), nullptr));
  }
  EXPECT_EQ(numbers, wanted.row(0));
}

TEST_F(Embed, GoesOnPastABadPicture) {
  write_picture("a.ppm", 40, 30);
  write("b.png", "no picture");
  write_picture("c.ppm", 50, 30);
  const auto outcome = embed("a.ppm b.png c.ppm missing.png --json -o v.npy");
  EXPECT_EQ(outcome.status, 1);
  EXPECT_NE(outcome.err.find("b.png"), std::string::npos) << outcome.err;
  EXPECT_NE(outcome.err.find("missing.png"), std::string::npos) << outcome.err;
  EXPECT_NE(outcome.err.find("2 of 4 pictures failed: they have no row"), std::string::npos) << outcome.err;
  EXPECT_EQ(read("v.txt"), "a.ppm\nc.ppm\n");
  EXPECT_EQ(vectors("v.npy").rows, 2U);
  std::istringstream lines(outcome.out);
  std::vector<nlohmann::json> told;
  for (std::string line; std::getline(lines, line);) told.push_back(nlohmann::json::parse(line));
  ASSERT_EQ(told.size(), 4U);
  EXPECT_EQ(told[2]["row"], 1);
  EXPECT_EQ(told[2]["input"], "c.ppm");
  EXPECT_EQ(told[1]["status"], "error");
  EXPECT_TRUE(told[1]["row"].is_null());
  // None at all: nothing is written; a single one has its own status.
  EXPECT_EQ(embed("b.png missing.png -o w.npy").status, 1);
  EXPECT_EQ(embed("b.png -o w.npy").status, 3);
  EXPECT_FALSE(exists("w.npy"));
  EXPECT_FALSE(exists("w.txt"));
  // A list of names cannot hold one of two lines.
  write_picture("two\nlines.ppm", 40, 30);
  const auto broken = embed("a.ppm 'two\nlines.ppm' -o w.npy");
  EXPECT_EQ(broken.status, 1);
  EXPECT_NE(broken.err.find(".csv"), std::string::npos) << broken.err;
  EXPECT_EQ(vectors("w.npy").rows, 1U);
}

TEST_F(Embed, OverwritesNothing) {
  write_picture("a.ppm", 40, 30);
  for (const char* there : {"v.npy", "v.txt"}) {
    write(there, "mine");
    EXPECT_EQ(embed("a.ppm -o v.npy").status, 6) << there;
    EXPECT_EQ(read(there), "mine");
    std::filesystem::remove(path(there));
  }
  write("v.txt", "mine");
  expect_done(embed("a.ppm -f -o v.npy"));
  EXPECT_EQ(read("v.txt"), "a.ppm\n");
  std::filesystem::rename(path("a.ppm"), path("a.csv"));
  EXPECT_EQ(embed("a.csv -f -o a.csv").status, 2);
  EXPECT_EQ(embed("a.csv -o a.tsv").status, 2);
  EXPECT_EQ(embed("a.csv b.npy").status, 2);
  EXPECT_EQ(embed("v.npy -o w.npy").status, 3);  // of small pictures
}

TEST_F(Embed, ArraysOfSmallPictures) {
  const std::string pixels = digits(3);
  write("three.npy", npy_of(pixels));
  write("three-idx3-ubyte", std::string("\0\0\x08\x03\0\0\0\x03\0\0\0\x1c\0\0\0\x1c", 16) + pixels);
  for (const int i : {0, 1, 2}) {
    write(std::to_string(i) + ".pgm",
          "P5 28 28 255\n" + pixels.substr(static_cast<std::size_t>(i) * 784, 784));
  }
  expect_done(run("embed -m mnist three.npy -o npy.npy"));
  expect_done(run("embed -m mnist three-idx3-ubyte -o idx.npy"));
  expect_done(run("embed -m mnist 0.pgm 1.pgm 2.pgm -j 1 -o files.npy"));
  EXPECT_EQ(vectors("npy.npy").rows, 3U);
  EXPECT_EQ(read("npy.npy"), read("idx.npy"));
  EXPECT_EQ(read("npy.npy"), read("files.npy"));
  EXPECT_EQ(read("idx.txt"), "three-idx3-ubyte[0]\nthree-idx3-ubyte[1]\nthree-idx3-ubyte[2]\n");
  // Of another size: told once.
  write("wide.npy", npy_of(digits(7), "14, 56"));
  const auto outcome = run("embed -m mnist wide.npy three.npy -o w.npy");
  EXPECT_EQ(outcome.status, 1);
  EXPECT_NE(outcome.err.find("wide.npy[0]"), std::string::npos) << outcome.err;
  EXPECT_EQ(outcome.err.find("wide.npy[1]"), std::string::npos) << outcome.err;
  EXPECT_NE(outcome.err.find("7 of 10 pictures failed"), std::string::npos) << outcome.err;
  EXPECT_EQ(read("w.txt").rfind("three.npy[0]\n", 0), 0U);
}

TEST_F(Embed, PlotsInColoursOfLabels) {
  if (std::system("gnuplot --version > /dev/null 2>&1") != 0) GTEST_SKIP() << "gnuplot is not installed";
  write("five.npy", npy_of(digits(5)));
  write("labels.txt", "cat\ndog\r\ncat\ndog\nbird");
  expect_done(run("embed -m mnist five.npy -o v.npy --plot p.png --labels labels.txt"));
  EXPECT_EQ(read("p.png").substr(1, 3), "PNG");
  write("labels-idx1-ubyte", std::string("\0\0\x08\x01\0\0\0\x05\0\1\2\3\4", 13));
  expect_done(run("embed -m mnist five.npy -f -o v.npy --plot q.png --labels labels-idx1-ubyte"));
  expect_done(run("embed -m mnist five.npy -f -o v.npy --plot r.png"));
  EXPECT_NE(read("p.png"), read("r.png"));
  write("few.txt", "cat\ndog\n");
  const auto few = run("embed -m mnist five.npy -o w.npy --plot w.png --labels few.txt");
  EXPECT_EQ(few.status, 2);
  EXPECT_NE(few.err.find("2 labels for 5 pictures"), std::string::npos) << few.err;
  EXPECT_EQ(run("embed -m mnist five.npy -o w.npy --plot w.jpg").status, 2);
  EXPECT_EQ(run("embed -m mnist five.npy -o w.npy --labels few.txt").status, 2);
  EXPECT_FALSE(exists("w.npy"));
}

}  // namespace
}  // namespace vaec::cli
