// --skip-existing: what is there is left alone if it is whole.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "run_program.hpp"

namespace vaec::cli {
namespace {

class WholeOutput : public CodingTest {
 protected:
  // The names of the outputs that a run with --skip-existing made again.
  [[nodiscard]] std::vector<std::string> made_again(const std::string& subcommand,
                                                    const std::string& arguments) const {
    const Outcome outcome = run(coding(subcommand, arguments + " --skip-existing --json"));
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    std::vector<std::string> names;
    std::istringstream lines(outcome.out);
    for (std::string line; std::getline(lines, line);) {
      const auto object = nlohmann::json::parse(line);
      if (object["status"] == "ok")
        names.push_back(std::filesystem::path(object["output"].get<std::string>()).filename());
    }
    return names;
  }
};

TEST_F(WholeOutput, OfCompressing) {
  for (int i = 0; i < 5; ++i) write_picture("in/" + std::to_string(i) + ".ppm", 20, 10);
  ASSERT_EQ(compress("in -r -o out").status, 0);
  const std::string whole = read("out/0.vaec");
  std::string damaged = whole;
  damaged[damaged.size() / 2] ^= 1;
  write("out/1.vaec", whole.substr(0, whole.size() - 1));
  write("out/2.vaec", damaged);
  write("out/3.vaec", "");
  EXPECT_EQ(made_again("compress", "in -r -o out"), (std::vector<std::string>{"1.vaec", "2.vaec", "3.vaec"}));
  for (const char* name : {"out/1.vaec", "out/2.vaec", "out/3.vaec"}) EXPECT_EQ(read(name), whole) << name;
  EXPECT_TRUE(made_again("compress", "in -r -o out").empty());
}

// Each format, cut off at several places.
TEST_F(WholeOutput, OfDecompressing) {
  write_picture("deep.pgm", 70, 50, 1);
  write_picture("a.ppm", 70, 50);
  ASSERT_EQ(compress("a.ppm -o a.vaec").status, 0);
  ASSERT_EQ(compress("deep.pgm -o deep.vaec").status, 0);
  for (const std::string file : {"a.vaec", "deep.vaec"}) {
    for (const std::string format : {"png", "jpg", "webp", "tiff", "ppm", "bmp"}) {
      const std::string folder = format + file + "/", extension = "." + format;
      ASSERT_EQ(decompress(file + " -o whole" + extension + " -f").status, 0) << format;
      const std::string whole = read("whole" + extension);
      std::vector<std::string> expected;
      const auto cut = [&](const std::string& name, std::size_t size) {
        write(folder + name + ".vaec", read(file));
        write(folder + name + extension, whole.substr(0, size));
        if (size < whole.size()) expected.push_back(name + extension);
      };
      cut("0", 0);
      cut("1", whole.size() / 4);
      cut("2", whole.size() / 2);
      cut("3", whole.size() - 100);
      cut("4", whole.size() - 1);
      cut("5", whole.size());
      write(folder + "6.vaec", read(file));
      write(folder + "6" + extension, std::string(whole.size(), '\0'));
      expected.push_back("6" + extension);
      EXPECT_EQ(made_again("decompress", folder + " -r --format " + format), expected) << format;
      for (const std::string& name : expected) EXPECT_EQ(read(folder + name), whole) << name;
    }
  }
}

// A picture with something behind its end is whole, and what is no output of vaec's is somebody's own.
TEST_F(WholeOutput, IsNotTakenForBroken) {
  write_picture("a.ppm", 20, 10);
  ASSERT_EQ(compress("a.ppm -o a.vaec").status, 0);
  for (const std::string format : {"png", "jpg", "webp", "tiff", "ppm", "bmp"}) {
    const std::string name = "a." + format;
    ASSERT_EQ(decompress("a.vaec -f -o " + name).status, 0);
    for (const std::string& content : {read(name) + "trailer", std::string("mine"), read("a.png")}) {
      write(name, content);
      EXPECT_TRUE(made_again("decompress", "a.vaec -o " + name).empty()) << name;
      EXPECT_EQ(read(name), content);
    }
  }
}

}  // namespace
}  // namespace vaec::cli
