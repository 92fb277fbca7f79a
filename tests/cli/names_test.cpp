// What outputs are called, where names meet, and back.
#include <gtest/gtest.h>

#include "run_program.hpp"

namespace vaec::cli {
namespace {

using Names = CodingTest;
using List = std::vector<std::string>;

bool says(const std::string& message, const std::string& words) {
  return message.find(words) != std::string::npos;
}

TEST_F(Names, ThatWouldMeetAreKeptWholeAndComeBack) {
  write_picture("in/a.ppm", 20, 10);
  write_picture("in/a.jpg", 21, 10);  // formats go by content
  write_picture("in/b.ppm", 22, 10);
  write_picture("in/deep/a.ppm", 23, 10);
  const Outcome packed = compress("in -r -o packed");
  EXPECT_EQ(packed.status, 0) << packed.err;
  for (const char* name : {"packed/a.jpg.vaec", "packed/a.ppm.vaec", "packed/b.vaec", "packed/deep/a.vaec"})
    EXPECT_TRUE(exists(name)) << name;
  const Outcome back = decompress("packed -r -o out");
  EXPECT_EQ(back.status, 0) << back.err;
  EXPECT_EQ(read("out/a.jpg").substr(0, 3), "\xff\xd8\xff");
  EXPECT_EQ(read("out/a.ppm").substr(0, 8), "P6\n20 10");
  EXPECT_EQ(read("out/b.png").substr(1, 3), "PNG");
  EXPECT_TRUE(exists("out/deep/a.png"));
  EXPECT_EQ(decompress("packed -r -o ppm --format ppm").status, 0);
  EXPECT_EQ(read("ppm/a.jpg.ppm").substr(0, 8), "P6\n21 10");
  EXPECT_EQ(read("ppm/a.ppm").substr(0, 8), "P6\n20 10");
  EXPECT_TRUE(exists("ppm/b.ppm"));
}

TEST_F(Names, ThatWouldMeetBesideTheirInputs) {
  for (const char* name : {"a.ppm", "a.PNG", "a", "b.ppm"}) write_picture(name, 20, 10);
  EXPECT_EQ(compress("a.ppm a.PNG a b.ppm").status, 0);
  EXPECT_EQ(files(), (List{"a", "a.PNG", "a.PNG.vaec", "a.ppm", "a.ppm.vaec", "a.vaec", "b.ppm", "b.vaec"}));
  std::filesystem::create_directory(path("out"));
  EXPECT_EQ(decompress("a.PNG.vaec a.ppm.vaec a.vaec -o out").status, 0);
  EXPECT_EQ(read("out/a.PNG").substr(1, 3), "PNG");
  EXPECT_EQ(read("out/a.ppm").substr(0, 2), "P6");
  EXPECT_TRUE(exists("out/a.png"));
}

// A name is given back in its format where that can be written, and never a shortened one taken for another's.
TEST_F(Names, SayWhatTheyWereOf) {
  for (const char* name : {"a.jpg.ppm", "b.heic", "b.ppm", "scan.3"})
    write_picture("in/" + std::string(name), 20, 10);
  EXPECT_EQ(compress("in -r -o packed").status, 0);
  EXPECT_EQ(decompress("packed -r -o out").status, 0);
  List outputs;
  for (const std::string& name : files()) {
    if (!name.starts_with("in/")) outputs.push_back(name);
  }
  EXPECT_EQ(outputs,
            (List{"out/a.jpg.ppm", "out/b.heic.png", "out/b.ppm", "out/scan.3.png", "packed/a.jpg.ppm.vaec",
                  "packed/b.heic.vaec", "packed/b.ppm.vaec", "packed/scan.3.vaec"}));
  EXPECT_EQ(decompress("packed/b.ppm.vaec -o c.webp").status, 0);
  EXPECT_EQ(read("c.webp").substr(8, 4), "WEBP");
}

// Parts know of each other's names.
TEST_F(Names, AreTheSameInEveryShard) {
  for (const char* name : {"in/a.jpg", "in/a.ppm", "in/b.ppm"}) write_picture(name, 20, 10);
  for (const char* shard : {"1/3", "2/3", "3/3"})
    EXPECT_EQ(compress("in -r -o out --shard " + std::string(shard)).status, 0);
  EXPECT_TRUE(exists("out/a.jpg.vaec") && exists("out/a.ppm.vaec") && exists("out/b.vaec"));
}

TEST_F(Names, ThatMeetAllTheSameFailOneByOne) {
  for (const char* name : {"x/a.ppm", "y/a.ppm", "y/b.ppm"}) write_picture(name, 20, 10);
  const Outcome outcome = compress("x y -r -o out --json");
  EXPECT_EQ(outcome.status, 1);
  EXPECT_TRUE(says(outcome.err,
                   "vaec: y/a.ppm: would become out/a.vaec, as x/a.ppm does: work on it alone, with "
                   "its own -o\n"))
      << outcome.err;
  EXPECT_TRUE(says(outcome.out, "\"status\":\"error\"")) << outcome.out;
  EXPECT_TRUE(exists("out/a.vaec") && exists("out/b.vaec"));
  EXPECT_EQ(compress("x/a.ppm x/../x/a.ppm -f").status, 1);
  EXPECT_TRUE(exists("x/a.vaec"));
  // Two that differ and one that meets the first of them.
  write_picture("x/a.jpg", 20, 10);
  EXPECT_EQ(compress("x y -r -o three").status, 1);
  EXPECT_TRUE(exists("three/a.ppm.vaec") && exists("three/a.jpg.vaec") && exists("three/b.vaec"));
}

TEST_F(Names, OfOutputsAreNoInputs) {
  write_picture("a.ppm", 20, 10);
  write_picture("a.vaec", 20, 10);
  const std::string before = read("a.vaec");
  const Outcome outcome = compress("a.ppm a.vaec -f");
  EXPECT_EQ(outcome.status, 1);
  EXPECT_TRUE(says(outcome.err, "vaec: a.vaec: is an input and would be an output as well\n")) << outcome.err;
  EXPECT_EQ(read("a.vaec"), before);
  EXPECT_EQ(read("a.vaec.vaec").substr(0, 4), "VAEC");
  EXPECT_EQ(compress("a.ppm -f -o a.ppm").status, 2);
}

// As other programs are called: vaec compress INPUT OUTPUT.
TEST_F(Names, OfOutputsStandBehindO) {
  write_picture("a.ppm", 20, 10);
  ASSERT_EQ(compress("a.ppm").status, 0);
  for (const std::string arguments : {"compress a.ppm out.vaec", "decompress a.vaec out.png"}) {
    const Outcome outcome = run(arguments);
    const std::string name = arguments.substr(arguments.rfind(' ') + 1);
    EXPECT_EQ(outcome.status, 2) << arguments;
    EXPECT_EQ(outcome.err,
              "vaec: " + name + ": there is no such file; an output is named by -o " + name + "\n");
  }
  EXPECT_EQ(compress("a.ppm missing.png -f").status, 1);
  EXPECT_EQ(compress("a.ppm missing.vaec -o out").status, 1);  // the output is named
}

TEST_F(Names, OfGreyPicturesAreNotForColours) {
  write_picture("a.ppm", 20, 10);
  write_picture("g.pgm", 20, 10, 1);
  ASSERT_EQ(compress("a.ppm g.pgm").status, 0);
  const Outcome outcome = decompress("a.vaec -o b.PGM");
  EXPECT_EQ(outcome.status, 2);
  EXPECT_TRUE(says(outcome.err, "b.PGM: a .pgm file holds grey alone (name it .ppm)\n")) << outcome.err;
  EXPECT_EQ(decompress("g.vaec -o b.pgm").status, 0);
  EXPECT_EQ(run("evaluate -m '" + kModel + "' a.ppm -q 50 -j 1 --side-by-side both.pgm").status, 2);
}

// A slip, most of all: a folder photo.vaec, with a file in it for each picture.
TEST_F(Names, OfFilesAreNotForFolders) {
  for (const char* name : {"a.ppm", "in/b.ppm", "in/c.ppm"}) write_picture(name, 20, 10);
  ASSERT_EQ(compress("a.ppm in -r -o packed").status, 0);
  for (const std::string arguments : {"compress a.ppm in/b.ppm -o x.vaec", "compress in -r -o x.vaec",
                                      "decompress packed -r -o x.png", "restore in -r --noise 10 -o x.png"}) {
    const Outcome outcome = run(arguments);
    const std::string name = arguments.substr(arguments.rfind(' ') + 1);
    EXPECT_EQ(outcome.status, 2) << arguments;
    EXPECT_EQ(outcome.err,
              "vaec: " + name +
                  ": is called as one file, and several need a folder (if it shall be one, name it " + name +
                  "/)\n");
    EXPECT_FALSE(exists(name));
  }
  EXPECT_EQ(compress("in -r -o x.vaec/").status, 0);
  EXPECT_EQ(compress("in -r -f -o x.vaec").status, 0);  // it is there by now
  EXPECT_TRUE(exists("x.vaec/b.vaec"));
  EXPECT_EQ(compress("in -r -o of.2024").status, 0);
}

}  // namespace
}  // namespace vaec::cli
