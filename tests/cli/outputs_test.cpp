// Outputs that cannot be written are told before any work: no input is read, no model looked for.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <map>

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

// Whatever -f says, what is read is neither replaced nor removed.
TEST_F(Outputs, NeverTakeThePlaceOfAnInput) {
  write_picture("s.ppm", 20, 10);
  write_picture("ev/compare-mine.ppm", 20, 10);
  for (const char* name : {"ev/psnr.png", "data/m.png", "valid/m.png", "shown/compare-old.png"})
    write(name, "no picture");
  for (const char* name : {"curve.json", "ev/results.json", "shown/results.json", "m.safetensors"})
    write(name, "mine");
  write("curve.json", R"({"codec": "x", "points": [{"bpp": 1, "psnr": 30}, {"bpp": 2, "psnr": 31}]})");
  std::filesystem::create_symlink("s.ppm", path("link.ppm"));
  std::map<std::string, std::string> before;
  for (const std::string& name : files()) before[name] = read(name);
  for (const std::string command :
       {"evaluate s.ppm -m none -q 50 -f --side-by-side s.ppm",
        "evaluate s.ppm -m none -q 50 -f --side-by-side ./ev/../link.ppm",
        "evaluate ev -m none -q 50 -f -o ev", "evaluate shown -m none -q 50 -f -o shown",
        "evaluate s.ppm -m none -q 50 -f --curve x=curve.json -o curve.json",
        "evaluate s.ppm -m ./curve.json -q 50 -f -o curve.json",
        "compress s.ppm -m ./m.safetensors -f -o m.safetensors",
        "train --data data -f -o data/m.safetensors --steps 1",
        "train --data data/m.png -f -o data/m.safetensors --steps 1",
        "train --data none --valid valid -f -o valid/m.safetensors --steps 1",
        "train --data none --init ./m.safetensors -f -o m.safetensors --steps 1"}) {
    const Outcome outcome = run(command);
    EXPECT_EQ(outcome.status, 2) << command << ": " << outcome.err;
    EXPECT_NE(outcome.err.find(": is an input and would be an output as well\n"), std::string::npos)
        << outcome.err;
  }
  std::map<std::string, std::string> after;
  for (const std::string& name : files()) after[name] = read(name);
  EXPECT_EQ(after, before);
}

TEST_F(Outputs, AreApartFromOneAnother) {
  std::filesystem::create_directory(path("report"));
  write_picture("a.ppm", 20, 10);
  for (const std::string file : {"psnr.png", "compare-a.png"}) {
    const Outcome outcome =
        run("evaluate a.ppm -m none -q 50 --compare a -o report --side-by-side report/../report/" + file);
    EXPECT_EQ(outcome.status, 2);
    EXPECT_NE(outcome.err.find(": the report writes a file of that name\n"), std::string::npos)
        << outcome.err;
  }
}

// In the place of one output of several a pipe would be waited for, by nobody's wish.
TEST_F(Outputs, AmongOthersAreNoPipes) {
  write_picture("in/a.ppm", 20, 10);
  write_picture("in/b.ppm", 20, 10);
  for (const char* folder : {"out", "report"}) std::filesystem::create_directory(path(folder));
  for (const char* name : {"out/a.vaec", "report/results.csv", "m.jsonl", "n.png", "o.safetensors", "p.ckpt"})
    ASSERT_EQ(mkfifo(path(name).c_str(), 0600), 0);
  const Outcome batch = run(coding("compress", "in -r -f -o out"), "timeout 60 ");
  EXPECT_EQ(batch.status, 1);
  EXPECT_NE(batch.err.find("out/a.vaec: cannot be written: is a named pipe, not a file\n"), std::string::npos)
      << batch.err;
  EXPECT_TRUE(exists("out/b.vaec"));
  EXPECT_EQ(run(coding("evaluate", "in -q 50 -f -o report"), "timeout 60 ").status, 6);
  for (const std::string model : {"m", "n", "o", "p"}) {
    const Outcome outcome = run("train --data none -f --steps 1 -o " + model + ".safetensors", "timeout 60 ");
    EXPECT_EQ(outcome.status, 6) << outcome.err;
  }
}

// Nothing is made on the way to a path that is too long in the end.
TEST_F(Outputs, FoldersOfATooLongPathAreNotMade) {
  write_picture("a.ppm", 20, 10);
  std::string folder = "new";
  while (folder.size() + 200 < 4068) folder += "/" + std::string(199, 'd');
  folder += "/" + std::string(4068 - folder.size() - 1, 'e');
  for (const std::string& command :
       {coding("compress", "a.ppm -o " + folder + "/"), coding("evaluate", "a.ppm -q 50 -o " + folder)}) {
    const Outcome outcome = run(command);
    EXPECT_EQ(outcome.status, 6);
    EXPECT_NE(outcome.err.find("File name too long"), std::string::npos) << outcome.err;
    EXPECT_FALSE(exists("new"));
  }
}

}  // namespace
}  // namespace vaec::cli
