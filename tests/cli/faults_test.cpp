// What goes wrong around the program: what was there survives, nothing half-written bears a real name, the
// exit status tells, and running again finishes the rest.
#include <gtest/gtest.h>

#include <cerrno>
#include <span>
#include <tuple>

#include "bitstream/container.hpp"
#include "run_program.hpp"
#include "vaec/error.hpp"

namespace vaec::cli {
namespace {

class Faults : public CodingTest {
 protected:
  void write_pictures(int count) const {
    for (int i = 0; i < count; ++i) write_picture("in/" + std::to_string(1000 + i) + ".ppm", 96, 96);
  }

  [[nodiscard]] bool is_whole(const std::string& name) const {
    const std::string file = read(name);
    try {
      (void)bitstream::parse(std::as_bytes(std::span(file)));
      return true;
    } catch (const Error&) {
      return false;
    }
  }

  // Every output is whole, and what is none of it is plainly named. Gives the number of outputs.
  std::size_t expect_whole(const std::string& folder) const {
    std::size_t whole = 0;
    for (const std::string& name : files()) {
      if (!name.starts_with(folder + "/")) continue;
      if (name.find(".vaec-tmp-") != std::string::npos) continue;
      EXPECT_TRUE(is_whole(name)) << name;
      ++whole;
    }
    return whole;
  }
  [[nodiscard]] std::size_t temporaries() const {
    std::size_t count = 0;
    for (const std::string& name : files()) count += name.find(".vaec-tmp-") != std::string::npos ? 1 : 0;
    return count;
  }

  // Runs a script in a name space of its own with a file system of `options` mounted on out/; false where
  // that is not allowed.
  [[nodiscard]] bool can_mount() const {
    return std::system("unshare -rm sh -c 'mount -t tmpfs none /mnt' 2> /dev/null") == 0;
  }
  [[nodiscard]] Outcome run_mounted(const std::string& options, const std::string& script) const {
    std::filesystem::create_directory(path("out"));
    write("script", "mount -t tmpfs -o " + options + " none out || exit 99\n" + script);
    return run("--version > /dev/null; unshare -rm sh -e ./script");
  }
  [[nodiscard]] static std::string program(const std::string& subcommand, const std::string& arguments) {
    return "'" VAEC_PROGRAM "' " + coding(subcommand, arguments);
  }
};

TEST_F(Faults, AFullDisk) {
  if (!can_mount()) GTEST_SKIP() << "no file system may be mounted here";
  write_picture("a.ppm", 400, 300);
  ASSERT_EQ(compress("a.ppm -q 90").status, 0);
  // The packed file fits once; the old one must survive a new one that does not fit beside it.
  const auto half = read("a.vaec").size() / 1024 * 3 / 2;
  const Outcome outcome =
      run_mounted("size=" + std::to_string(half) + "k",
                  program("compress", "a.ppm -q 90 -o out/a.vaec") + " --quiet\ncp out/a.vaec before\n" +
                      program("compress", "a.ppm -q 95 -f -o out/a.vaec") + " || echo status $?\n" +
                      "cmp out/a.vaec before && ls -A out\n");
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_EQ(outcome.out, "status 6\na.vaec\n");
  EXPECT_EQ(outcome.err, "vaec: out/a.vaec: cannot be written: No space left on device\n");
}

TEST_F(Faults, AFullDiskInABatchFailsWhatDoesNotFit) {
  if (!can_mount()) GTEST_SKIP() << "no file system may be mounted here";
  write_pictures(40);
  ASSERT_EQ(compress("in/1000.ppm -o one.vaec").status, 0);
  const Outcome outcome =
      run_mounted("size=64k,nr_inodes=20", program("compress", "in -r -o out -j 3 --quiet") +
                                               " || echo status $?\n" + "cp -r out kept\n");
  EXPECT_EQ(outcome.out, "status 1\n");
  EXPECT_NE(outcome.err.find("No space left on device"), std::string::npos) << outcome.err;
  const auto kept = expect_whole("kept");
  EXPECT_GT(kept, 3U);
  EXPECT_LT(kept, 40U);
  EXPECT_EQ(temporaries(), 0U);
}

TEST_F(Faults, AReadOnlyFolder) {
  if (!can_mount()) GTEST_SKIP() << "no file system may be mounted here";
  write_picture("a.ppm", 40, 30);
  const Outcome outcome =
      run_mounted("ro", program("compress", "a.ppm -o out/a.vaec") + " || echo status $?\n");
  EXPECT_EQ(outcome.out, "status 6\n");
  EXPECT_EQ(outcome.err, "vaec: out/a.vaec: cannot be written: Read-only file system\n");
}

TEST_F(Faults, ALimitOfTheFilesSize) {
  write_picture("a.ppm", 400, 300);
  ASSERT_EQ(compress("a.ppm").status, 0);
  const std::string old = read("a.vaec");
  const Outcome outcome = run(coding("compress", "a.ppm -q 99 -f"), "ulimit -f 1; ");
  EXPECT_EQ(outcome.status, 6);
  EXPECT_EQ(read("a.vaec"), old);
  EXPECT_EQ(temporaries(), 0U);
}

TEST_F(Faults, KilledInABatchOfAThousand) {
  write_pictures(1000);
  const Outcome killed =
      run_and_signal(coding("compress", "in -r -o out -j 2 --quiet"), SIGKILL, "out/1100.vaec");
  EXPECT_EQ(killed.status, 128 + SIGKILL);
  const auto done = expect_whole("out");
  EXPECT_GE(done, 90U);
  EXPECT_LT(done, 1000U);
  const Outcome again = compress("in -r -o out -j 2 --skip-existing");
  EXPECT_EQ(again.status, 0) << again.err;
  EXPECT_EQ(expect_whole("out"), 1000U);
  EXPECT_NE(again.err.find(std::to_string(done) + " of 1000 files skipped"), std::string::npos) << again.err;
}

TEST_F(Faults, InterruptedAndGoneOnWith) {
  write_pictures(300);
  for (const int signal : {SIGINT, SIGTERM}) {
    const std::string out = "out" + std::to_string(signal);
    const Outcome stopped =
        run_and_signal(coding("compress", "in -r --quiet -j 2 -o " + out), signal, out + "/1020.vaec");
    EXPECT_EQ(stopped.status, 130);
    EXPECT_EQ(temporaries(), 0U);
    const auto done = expect_whole(out);
    EXPECT_GE(done, 20U);
    EXPECT_LT(done, 300U);
    EXPECT_EQ(compress("in -r --quiet -j 2 --skip-existing -o " + out).status, 0);
    EXPECT_EQ(expect_whole(out), 300U);
  }
}

TEST_F(Faults, TwoProgramsOnOneOutput) {
  write_pictures(60);
  const std::string one = program("compress", "in -r -o out --quiet");
  // Without -f whoever comes second is refused, file by file: once for each file, whoever it is.
  const Outcome refused =
      run("--version > /dev/null; { " + one + "; echo $?; } & { " + one + "; echo $?; }; wait");
  EXPECT_EQ(expect_whole("out"), 60U);
  std::size_t refusals = 0;
  const std::string words = ": exists already (use -f to overwrite it)\n";
  for (auto at = refused.err.find(words); at != std::string::npos; at = refused.err.find(words, at + 1))
    ++refusals;
  EXPECT_EQ(refusals, 60U) << refused.err;
  EXPECT_NE(refused.out, "0\n0\n");
  EXPECT_EQ(refused.out.find_first_not_of("01\n"), std::string::npos) << refused.out;
  // With it both write whole files.
  const Outcome both = run("--version > /dev/null; " + one + " -f & " + one + " -f || echo failed; wait");
  EXPECT_EQ(both.out, "");
  EXPECT_EQ(both.err, "");
  EXPECT_EQ(expect_whole("out"), 60U);
  EXPECT_EQ(temporaries(), 0U);
}

TEST_F(Faults, AFileThatVanishes) {
  write_pictures(200);
  const Outcome outcome = run_and(coding("compress", "in -r -o out"), "out/1000.vaec",
                                  [&](pid_t) { std::filesystem::remove(path("in/1199.ppm")); });
  EXPECT_EQ(outcome.status, 1);
  EXPECT_NE(outcome.err.find("vaec: in/1199.ppm: cannot be read: No such file or directory\n"),
            std::string::npos);
  EXPECT_NE(outcome.err.find("vaec: 1 of 200 files failed\n"), std::string::npos);
  EXPECT_EQ(expect_whole("out"), 199U);
}

TEST_F(Faults, AFileThatIsCutOffMeanwhile) {
  write_pictures(200);
  const Outcome outcome = run_and(coding("compress", "in -r -o out"), "out/1000.vaec",
                                  [&](pid_t) { std::filesystem::resize_file(path("in/1199.ppm"), 20000); });
  EXPECT_EQ(outcome.status, 1);
  EXPECT_NE(outcome.err.find("vaec: in/1199.ppm: truncated: "), std::string::npos) << outcome.err;
  EXPECT_EQ(expect_whole("out"), 199U);
}

// With less and less memory there is one line and status 5, or the result.
TEST_F(Faults, OutOfMemory) {
  if (kHasAddressSanitizer) GTEST_SKIP() << "AddressSanitizer takes all the address space there is";
  if (std::system("ulimit -v 100000 2> /dev/null") != 0) GTEST_SKIP() << "ulimit -v does not work here";
  write_picture("a.ppm", 2000, 1500);
  ASSERT_EQ(compress("a.ppm -o whole.vaec").status, 0);
  const std::string whole = read("whole.vaec");
  int refused = 0, done = 0;
  for (int mib = 1600; mib >= 100; mib = mib * 4 / 5) {
    const std::string limit = "ulimit -v " + std::to_string(mib * 1024) + "; ";
    // The system's loader may lack memory before the program begins, and Debian 13's OpenBLAS, which comes
    // with OpenCV, then waits for it for ever (docs/robustness.md).
    if (run("--version", limit + "timeout -s KILL 10 ").status != 0) break;
    for (const std::string command : {"compress a.ppm -f -o b.vaec", "decompress whole.vaec -f -o b.ppm"}) {
      const auto space = command.find(' ');
      const Outcome outcome =
          run(coding(command.substr(0, space), command.substr(space + 1) + " -j 2 --quiet"),
              limit + "timeout -s KILL 300 ");
      if (outcome.status == 127 || outcome.err.find("shared librar") != std::string::npos) continue;
      if (outcome.status == 0) {
        EXPECT_EQ(outcome.err, "");
        ++done;
        continue;
      }
      EXPECT_EQ(outcome.status, 5) << mib << " MiB, " << command << ": " << outcome.err;
      EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 1) << outcome.err;
      EXPECT_NE(outcome.err.find("memory"), std::string::npos) << outcome.err;
      EXPECT_EQ(temporaries(), 0U);
      ++refused;
    }
  }
  EXPECT_GT(done, 0);
  EXPECT_GT(refused, 0);
}

// No file that is opened takes the number of a closed stream, and with it the texts that go there.
TEST_F(Faults, ClosedStreamsAreNoFiles) {
  write_pictures(4);
  ASSERT_EQ(run("compress in -r -o whole -j 2 --lossless").status, 0);
  for (const auto& [out, closed, status] :
       std::vector<std::tuple<std::string, std::string, int>>{{"out0", "0<&-", 0},
                                                              {"out1", "--json >&-", 6},
                                                              {"out2", "2>&-", 0},
                                                              {"out012", "<&- >&- 2>&-", 0}}) {
    const Outcome outcome = run("compress in -r -j 2 --lossless -o " + out + " " + closed);
    EXPECT_EQ(outcome.status, status) << closed << ": " << outcome.err;
    for (const std::string& name : files()) {
      if (name.starts_with(out + "/")) {
        EXPECT_EQ(read(name), read("whole" + name.substr(out.size()))) << name;
      }
    }
  }
  const Outcome nothing = run("compress - --lossless -o a.vaec <&-");
  EXPECT_EQ(nothing.status, 3);
  EXPECT_EQ(nothing.err, "vaec: standard input: cannot be read: Bad file descriptor\n");
}

// Work on a single picture is given up, too: each of these would take minutes.
TEST_F(Faults, ASignalEndsTheWorkOnOnePicture) {
  write_picture("a.ppm", 3000, 3000);
  const auto before = files();
  for (const auto& [arguments, signal] : std::vector<std::pair<std::string, std::string>>{
           {coding("compress", "a.ppm -e 9"), "INT"},
           {coding("compress", "a.ppm -e 9 --target-ssimulacra2 70"), "TERM"},
           {coding("compress", "a.ppm -e 9"), "HUP"},
           {"evaluate -m '" + kModel + "' -j 1 -e 9 -q 50 a.ppm", "INT"}}) {
    // Killed ten seconds after the signal: what works on has status 137.
    const Outcome outcome = run(arguments, "timeout --preserve-status -k 10 -s " + signal + " 3 ");
    EXPECT_EQ(outcome.status, 130) << arguments << ": " << outcome.err;
    EXPECT_EQ(files(), before) << arguments;
  }
}

TEST_F(Faults, AHangUpThatIsIgnoredFromTheStartStaysSo) {
  write_pictures(300);
  const pid_t child = start(coding("compress", "in -r -o out --quiet"), "trap '' HUP; exec ");
  wait_for("out/1000.vaec");
  kill(child, SIGHUP);
  EXPECT_EQ(finish(child).status, 0);
  EXPECT_EQ(expect_whole("out"), 300U);
}

// FAT through FUSE, and some servers: neither a rename that does not replace, nor a link.
TEST_F(Faults, AFileSystemOfFewAbilities) {
  if (kHasAddressSanitizer) GTEST_SKIP() << "AddressSanitizer must be the first library";
  write_picture("a.ppm", 40, 30);
  ASSERT_EQ(compress("a.ppm -o whole.vaec").status, 0);
  for (const int error : {EPERM, EOPNOTSUPP, ENOSYS}) {
    const std::string there =
        "LD_PRELOAD='" VAEC_FEW_ABILITIES "' VAEC_TEST_ERROR=" + std::to_string(error) + " ";
    const Outcome outcome = run(coding("compress", "a.ppm -o a.vaec"), there);
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_EQ(read("a.vaec"), read("whole.vaec"));
    EXPECT_EQ(temporaries(), 0U);
    // Nor is anything replaced there.
    write("a.vaec", "mine");
    EXPECT_EQ(run(coding("compress", "a.ppm -o a.vaec"), there).status, 6);
    EXPECT_EQ(read("a.vaec"), "mine");
    std::filesystem::remove(path("a.vaec"));
  }
}

}  // namespace
}  // namespace vaec::cli
