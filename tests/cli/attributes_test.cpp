// Permissions and dates of what compress and decompress write.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "run_program.hpp"

namespace vaec::cli {
namespace {

class Attributes : public CodingTest {
 protected:
  // A private picture of 2001.
  void write_private(const std::string& name, mode_t mode = 0600) const {
    write_picture(name, 20, 10);
    make_private(name, mode);
  }
  void make_private(const std::string& name, mode_t mode) const {
    ASSERT_EQ(chmod(path(name).c_str(), mode), 0);
    const timespec times[2] = {{0, UTIME_OMIT}, {kSeconds, kNanoseconds}};
    ASSERT_EQ(utimensat(AT_FDCWD, path(name).c_str(), times, 0), 0);
  }
  [[nodiscard]] mode_t mode(const std::string& name) const { return status(name).st_mode & 07777U; }
  void expect(const std::string& name, mode_t expected) const {
    const struct stat found = status(name);
    EXPECT_EQ(found.st_mode & 07777U, expected) << name;
    EXPECT_EQ(found.st_mtim.tv_sec, kSeconds) << name;
    EXPECT_EQ(found.st_mtim.tv_nsec, kNanoseconds) << name;
  }

 private:
  static constexpr time_t kSeconds = 981173106;
  static constexpr long kNanoseconds = 123456789;

  [[nodiscard]] struct stat status(const std::string& name) const {
    struct stat found = {};
    EXPECT_EQ(stat(path(name).c_str(), &found), 0) << name;
    return found;
  }
};

TEST_F(Attributes, ComeAlongThereAndBack) {
  write_private("a.ppm");
  ASSERT_EQ(compress("a.ppm").status, 0);
  expect("a.vaec", 0600);
  ASSERT_EQ(decompress("a.vaec -o b.png").status, 0);
  expect("b.png", 0600);
  write_private("in/a.ppm", 0640);
  write_private("in/deep/b.ppm", 0444);
  ASSERT_EQ(compress("in -r -o packed").status, 0);
  expect("packed/a.vaec", 0640);
  expect("packed/deep/b.vaec", 0444);
  ASSERT_EQ(decompress("packed -r -o out").status, 0);
  expect("out/a.png", 0640);
  expect("out/deep/b.png", 0444);
}

TEST_F(Attributes, OfStandardInputAreAsUmaskSays) {
  write_private("a.ppm");
  ASSERT_EQ(
      run("--version; umask 027; '" VAEC_PROGRAM "' " + coding("compress", "- -o a.vaec < a.ppm")).status, 0);
  EXPECT_EQ(mode("a.vaec"), 0640U);
}

TEST_F(Attributes, OfWhatForceOverwritesAreNotWidened) {
  write_private("a.ppm", 0644);
  write("a.vaec", "old");
  make_private("a.vaec", 0600);
  ASSERT_EQ(compress("a.ppm -f").status, 0);
  expect("a.vaec", 0600);
  // What is made of no file stays as it was.
  write("both.png", "old");
  make_private("both.png", 0600);
  ASSERT_EQ(run("evaluate -m '" + kModel + "' a.ppm -q 50 -j 1 -f --side-by-side both.png").status, 0);
  EXPECT_EQ(mode("both.png"), 0600U);
}

// Files that all may read can stand in a folder that nobody else may enter.
TEST_F(Attributes, OfMirroredFoldersComeAlong) {
  for (const char* name : {"in/a.ppm", "in/deep/er/b.ppm", "two/c.ppm"}) write_private(name, 0644);
  const auto set = [&](const char* name, mode_t mode) { ASSERT_EQ(chmod(path(name).c_str(), mode), 0); };
  set("in", 0750);
  set("in/deep", 0555);
  set("in/deep/er", 0700);
  set("two", 0755);
  ASSERT_EQ(compress("in -r -o new/out").status, 0);
  EXPECT_EQ(mode("new/out"), 0750U);
  EXPECT_EQ(mode("new/out/deep"), 0755U);  // can be written to
  EXPECT_EQ(mode("new/out/deep/er"), 0700U);
  ASSERT_EQ(compress("two in -r -o both").status, 0);
  EXPECT_EQ(mode("both"), 0750U);  // private for the sake of the one
  std::filesystem::create_directory(path("there"));
  set("there", 0711);
  ASSERT_EQ(compress("in -r -o there").status, 0);
  EXPECT_EQ(mode("there"), 0711U);
  set("in/deep", 0755);
}

}  // namespace
}  // namespace vaec::cli
