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

// A picture with something behind its end is whole, and so is one of another format.
TEST_F(WholeOutput, IsNotTakenForBroken) {
  write_picture("a.ppm", 20, 10);
  ASSERT_EQ(compress("a.ppm -o a.vaec").status, 0);
  for (const std::string format : {"png", "jpg", "webp", "tiff", "ppm", "bmp"}) {
    const std::string name = "a." + format;
    ASSERT_EQ(decompress("a.vaec -f -o " + name).status, 0);
    for (const std::string& content : {read(name) + "trailer", read("a.png")}) {
      write(name, content);
      EXPECT_TRUE(made_again("decompress", "a.vaec -o " + name).empty()) << name;
      EXPECT_EQ(read(name), content);
    }
  }
}

// What is no output of vaec's is somebody's own.
TEST_F(WholeOutput, ThatIsSomebodysOwnIsNotOverwritten) {
  write_picture("in/a.ppm", 20, 10);
  write_picture("in/b.ppm", 20, 10);
  ASSERT_EQ(compress("in/a.ppm -o a.vaec").status, 0);
  std::string later = read("a.vaec");
  later[4] = '\x7f';
  const auto expect_refused = [&](const std::string& name, const Outcome& outcome,
                                  const std::string& content) {
    EXPECT_NE(outcome.status, 0) << name;
    EXPECT_NE(outcome.err.find("exists already (use -f"), std::string::npos) << outcome.err;
    EXPECT_EQ(read(name), content);
  };
  for (const std::string& content :
       {std::string("private notes"), std::string("VA notes"), later, read("in/a.ppm")}) {
    write("out/a.vaec", content);
    expect_refused("out/a.vaec", compress("in/a.ppm -o out/a.vaec --skip-existing"), content);
    std::filesystem::remove(path("out/b.vaec"));
    expect_refused("out/a.vaec", compress("in -r -o out --skip-existing"), content);
    EXPECT_FALSE(read("out/b.vaec").empty());  // the batch goes on
  }
  for (const char* extension : {"png", "jpg", "webp", "tiff", "ppm", "bmp"}) {
    const std::string name = std::string("mine.") + extension;
    for (const std::string content :
         {"mine", "BM is what I call it, mostly", "RIFF, a riff and no picture", "MMXXVI"}) {
      write(name, content);
      expect_refused(name, decompress("a.vaec --skip-existing -o " + name), content);
    }
  }
}

TEST_F(WholeOutput, OfBigTiff) {
  write_picture("a.ppm", 2, 2);
  ASSERT_EQ(compress("a.ppm -o a.vaec").status, 0);
  const auto number = [](std::uint64_t value, int size) {
    std::string bytes;
    for (int i = 0; i < size; ++i) bytes += static_cast<char>(value >> 8 * i & 0xff);
    return bytes;
  };
  const auto entry = [&](int tag, int type, std::uint64_t count, std::uint64_t value) {
    return number(static_cast<std::uint64_t>(tag), 2) + number(static_cast<std::uint64_t>(type), 2) +
           number(count, 8) + number(value, 8);
  };
  // Offsets and lengths of two strips: the first as values of their own, the second within the entry.
  const std::string file = "II+" + number(0, 1) + number(8, 2) + number(0, 2) + number(16, 8) + number(2, 8) +
                           entry(273, 16, 2, 72) + entry(279, 4, 2, std::uint64_t{6} << 32 | 6) +
                           number(0, 8) + number(88, 8) + number(94, 8) + std::string(12, 'x');
  ASSERT_EQ(file.size(), 100U);
  write("a.tiff", file);
  EXPECT_TRUE(made_again("decompress", "a.vaec -o a.tiff").empty());
  for (const std::size_t size : {1U, 3U, 4U, 12U, 30U, 70U, 80U, 90U, 99U}) {
    write("a.tiff", file.substr(0, size));
    EXPECT_EQ(made_again("decompress", "a.vaec -o a.tiff"), std::vector<std::string>{"a.tiff"}) << size;
  }
}

}  // namespace
}  // namespace vaec::cli
