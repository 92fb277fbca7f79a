// Outputs that cannot be written are told before any work: no input is read, no model looked for.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "run_program.hpp"

namespace vaec::cli {
namespace {

using Outputs = CodingTest;

// Inputs and models that would fail as well, but later.
TEST_F(Outputs, AreRefusedBeforeAnyWork) {
  write("a.ppm", "no picture");
  write("file", "mine");
  std::filesystem::create_symlink("loop", path("loop"));
  std::filesystem::create_directory(path("report.json"));
  std::filesystem::create_directory(path("grid.png"));
  const std::string longest(256, 'x');
  for (const std::string& place :
       std::vector<std::string>{longest, "file/a", "loop/a", "none/a", longest + "/a"}) {
    const std::vector<std::string> commands = {
        "compress a.ppm -m none -o " + place + ".vaec", "decompress a.ppm -m none -o " + place + ".png",
        "evaluate a.ppm -m none -q 50 -o " + place + ".json",
        "evaluate a.ppm -m none -q 50 --side-by-side " + place + ".png",
        "sample -m none -o " + place + ".png"};
    for (const std::string& command : commands) {
      const Outcome outcome = run(command);
      EXPECT_EQ(outcome.status, 6) << command << ": " << outcome.err;
      EXPECT_NE(outcome.err.find(": cannot be written: "), std::string::npos) << outcome.err;
      EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 1) << outcome.err;
    }
  }
  for (const std::string command :
       {"compress a.ppm -m none -o file/", "evaluate a.ppm -m none -o file/report",
        "evaluate a.ppm -m none -o report.json", "sample -m none -o grid.png"}) {
    EXPECT_EQ(run(command).status, 6) << command;
  }
  // A name that grows too long when the extension comes.
  write(std::string(251, 'y') + ".png", "no picture");
  EXPECT_EQ(run("compress " + std::string(251, 'y') + ".png -m none").status, 6);
  EXPECT_EQ(run("sample -m none -o grid.gif").status, 2);
  EXPECT_EQ(run("evaluate a.ppm -m none -q 50 --side-by-side both.gif").status, 2);
}

TEST_F(Outputs, OfABatchFailOneByOne) {
  for (const std::string& name : {std::string("a"), std::string(251, 'b'), std::string("c")})
    write_picture("in/" + name + ".ppm", 20, 10);
  std::filesystem::create_directories(path("out/c.vaec"));
  const Outcome outcome = compress("in -r -o out");
  EXPECT_EQ(outcome.status, 1);
  EXPECT_NE(outcome.err.find(".vaec: cannot be written: File name too long\n"), std::string::npos)
      << outcome.err;
  EXPECT_NE(outcome.err.find("out/c.vaec: cannot be written: Is a directory\n"), std::string::npos)
      << outcome.err;
  EXPECT_NE(outcome.err.find("2 of 3 files failed"), std::string::npos) << outcome.err;
  EXPECT_TRUE(exists("out/a.vaec"));
  // With --json each is told, whatever becomes of the others; nothing is left to load a model for.
  const Outcome all = run("compress in -r -m none -o out/a.vaec/deeper --json");
  EXPECT_EQ(all.status, 1);
  for (const char* name : {"in/a.ppm", "in/b", "in/c.ppm"}) {
    EXPECT_NE(all.out.find(name), std::string::npos) << all.out;
  }
  const Outcome none = run("compress in/a.ppm -m none -o " + std::string(256, 'x') + " --json");
  EXPECT_EQ(none.status, 6);
  EXPECT_NE(none.out.find("\"status\":\"error\""), std::string::npos) << none.out;
}

}  // namespace
}  // namespace vaec::cli
