// Named pipes, and signals while the program waits for what others should read or write.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "run_program.hpp"

namespace vaec::cli {
namespace {

class Pipes : public CodingTest {
 protected:
  void make_pipe(const std::string& name) const {
    std::filesystem::create_directories(path(name).parent_path());
    ASSERT_EQ(mkfifo(path(name).c_str(), 0600), 0);
  }
};

TEST_F(Pipes, AmongFilesAreNamedAndLeftOut) {
  write_picture("in/a.ppm", 20, 10);
  make_pipe("in/b.ppm");
  write_picture("in/c.ppm", 20, 10);
  for (const std::string inputs : {"in -r -o folder", "in/a.ppm in/b.ppm in/c.ppm -o several"}) {
    const Outcome outcome = run(coding("compress", inputs), "timeout 60 ");
    EXPECT_EQ(outcome.status, 1) << outcome.err;
    EXPECT_NE(outcome.err.find("vaec: in/b.ppm: is a named pipe, "), std::string::npos) << outcome.err;
    EXPECT_NE(outcome.err.find("1 of 3 files failed"), std::string::npos) << outcome.err;
  }
  EXPECT_TRUE(exists("folder/a.vaec") && exists("folder/c.vaec"));
  EXPECT_TRUE(exists("several/a.vaec") && exists("several/c.vaec"));
  EXPECT_EQ(run(coding("evaluate", "in -q 50"), "timeout 60 ").status, 3);
  EXPECT_EQ(run("info folder/a.vaec in/b.ppm", "timeout 60 ").status, 1);
  make_pipe("m.safetensors");
  EXPECT_EQ(run("info m.safetensors", "timeout 60 ").status, 7);
  EXPECT_EQ(run("compress in/a.ppm -m m.safetensors", "timeout 60 ").status, 7);
  EXPECT_EQ(run("train --data in/b.ppm -o t.safetensors", "timeout 60 ").status, 3);
}

TEST_F(Pipes, AreReadWhenTheyStandAlone) {
  write_picture("a.ppm", 20, 10);
  ASSERT_EQ(compress("a.ppm").status, 0);
  make_pipe("b.ppm");
  EXPECT_EQ(run(coding("compress", "b.ppm -o b.vaec"), "(sleep 0.2; cat a.ppm > b.ppm) & timeout 60 ").status,
            0);
  EXPECT_EQ(read("b.vaec"), read("a.vaec"));
  EXPECT_EQ(run(coding("compress", "/dev/stdin -o c.vaec"), "cat a.ppm | timeout 60 ").status, 0);
  EXPECT_EQ(read("c.vaec"), read("a.vaec"));
  make_pipe("out");
  EXPECT_EQ(run(coding("compress", "a.ppm -o out"), "(sleep 0.2; cat out > d.vaec) & timeout 60 ").status, 0);
  EXPECT_EQ(read("d.vaec"), read("a.vaec"));
}

// Whatever is waited for, the first signal ends it. Others follow none: `timeout` sends one alone.
TEST_F(Pipes, ASignalEndsAllWaiting) {
  write_picture("a.ppm", 20, 10);
  for (int i = 0; i < 3000; ++i) write("many/" + std::to_string(i) + ".ppm", "no picture");
  write_picture("large.ppm", 600, 600);
  ASSERT_EQ(compress("a.ppm large.ppm").status, 0);
  make_pipe("fifo.ppm");
  make_pipe("out");
  const std::string hold = "sleep 30 | ", unread = " | sleep 30";
  struct Case {
    std::string command, before, after;
  };
  const std::vector<Case> cases = {
      {coding("compress", "fifo.ppm -o b.vaec"), "", ""},
      {coding("compress", "fifo.ppm -o c.vaec -j 3"), "", ""},
      {coding("compress", "- -o d.vaec"), hold, ""},
      {coding("decompress", "/dev/stdin -o b.png"), hold, ""},
      {"info -", hold, ""},
      {"info fifo.ppm", "", ""},
      {coding("evaluate", "fifo.ppm -q 50"), "", ""},
      {coding("evaluate", "a.ppm -q 50 --curve x=fifo.ppm"), "", ""},
      {coding("compress", "a.ppm -o out"), "", ""},
      {coding("decompress", "large.vaec -o - --format ppm"), "", unread},
      {coding("compress", "many -r -o there --json"), "", unread},
      {coding("compress", "many -r -o here 2>&1"), "", unread},
  };
  // Four cases at a time: they wait, most of all.
  constexpr std::size_t kTogether = 4;
  for (std::size_t begin = 0; begin < cases.size(); begin += kTogether) {
    for (const std::string signal : {"INT", "TERM"}) {
      std::string script = "--version > /dev/null; rm -f status?\n", wait;
      for (std::size_t i = 0; i < kTogether; ++i) {
        const auto& [command, before, after] = cases.at(begin + i);
        const std::string status = "status" + std::to_string(i);
        // Killed two seconds after the signal: what waits on has status 137.
        script += "(" + before + "{ timeout -k 2 -s " + signal + " 1.5 '" VAEC_PROGRAM "' " + command +
                  "; echo $? > " + status + "; }" + after + ") &\n";
        wait += "while ! [ -s " + status + " ]; do sleep 0.05; done\n";
      }
      const Outcome outcome = run(script + wait + ":");
      for (std::size_t i = 0; i < kTogether; ++i) {
        const auto& [command, before, after] = cases.at(begin + i);
        // timeout's own status is 124 when the program ended after its signal.
        EXPECT_EQ(read("status" + std::to_string(i)), "124\n")
            << command << after << ", " << signal << ": " << outcome.err;
      }
    }
  }
}

}  // namespace
}  // namespace vaec::cli
