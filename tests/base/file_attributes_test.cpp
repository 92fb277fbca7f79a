#include "base/file_attributes.hpp"

#include <fcntl.h>
#include <grp.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <span>
#include <string>

#include "base/atomic_file.hpp"
#include "temporary_folder.hpp"

namespace vaec::base {
namespace {

namespace fs = std::filesystem;

mode_t mode_of(const fs::path& file) {
  struct stat status = {};
  EXPECT_EQ(stat(file.c_str(), &status), 0) << file;
  return status.st_mode & 07777U;
}

class Attributes : public testing::Test {
 protected:
  void make(const std::string& name, mode_t mode) const {
    std::ofstream(folder_ / name) << "old";
    ASSERT_EQ(chmod((folder_ / name).c_str(), mode), 0);
  }
  void write(const std::string& name, const std::optional<FileAttributes>& attributes = {}) const {
    const std::string text = "new";
    write_file(folder_ / name, std::as_bytes(std::span(text)), /*overwrite=*/true, attributes);
    EXPECT_EQ(contents(folder_ / name), "new");
  }
  [[nodiscard]] FileAttributes of(mode_t mode) const {
    return {mode, geteuid(), getegid(), timespec{981173106, 123456789}};
  }
  [[nodiscard]] mode_t mode(const std::string& name) const { return mode_of(folder_ / name); }

  const TemporaryFolder folder_;
};

TEST_F(Attributes, AreThoseOfTheFileItIsMadeOf) {
  for (const mode_t mode : {0600U, 0640U, 0444U, 0666U, 0777U, 0007U}) {
    const std::string name = std::to_string(mode);
    write(name, of(mode));
    struct stat status = {};
    ASSERT_EQ(stat((folder_ / name).c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777U, mode);
    EXPECT_EQ(status.st_mtim.tv_sec, 981173106);
    EXPECT_EQ(status.st_mtim.tv_nsec, 123456789);
  }
}

TEST_F(Attributes, AreReadOfFilesAlone) {
  make("a", 06751);
  const auto found = attributes_of(folder_ / "a");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->mode, 0751U);  // an output runs as nobody else
  fs::create_symlink("a", folder_ / "link");
  EXPECT_TRUE(attributes_of(folder_ / "link"));
  for (const char* name : {"/dev/null", "none", "."}) EXPECT_FALSE(attributes_of(fs::path(name))) << name;
}

// mode of the input, of the file that is overwritten, of the result
TEST_F(Attributes, OfWhatIsOverwrittenAreNotWidened) {
  const mode_t cases[][3] = {{0644, 0600, 0600}, {0600, 0644, 0600}, {0664, 0640, 0640}, {0640, 0604, 0600}};
  for (const auto& [input, old, expected] : cases) {
    make("a", old);
    write("a", of(input));
    EXPECT_EQ(mode("a"), expected) << std::oct << input << " over " << old;
  }
  // An output that is made of no file.
  for (const mode_t old : {0600U, 0666U, 0640U}) {
    make("a", old);
    write("a");
    EXPECT_EQ(mode("a"), old);
  }
  fs::create_symlink("a", folder_ / "link");
  make("a", 0600);
  write("link", of(0644));
  EXPECT_EQ(mode("a"), 0600U);
}

TEST_F(Attributes, OfANewFileAreAsUmaskSays) {
  const mode_t before = umask(027);
  write("a");
  umask(before);
  EXPECT_EQ(mode("a"), 0640U);
}

TEST_F(Attributes, UnderWayNobodyHasMore) {
  make("old", 0600);
  const mode_t before = umask(0);
  {
    const AtomicFile over_old(folder_ / "old", true), of_private(folder_ / "new", false, of(0600));
    int seen = 0;
    for (const auto& entry : fs::directory_iterator(folder_.path())) {
      EXPECT_EQ(mode_of(entry.path()), 0600U) << entry.path();
      ++seen;
    }
    EXPECT_EQ(seen, 3);
  }
  umask(before);
}

// Members of the one group may be anyone in the other.
TEST_F(Attributes, OfAnotherGroupAreWhatBothHad) {
  const mode_t cases[][2] = {{0640, 0600}, {0644, 0644}, {0604, 0600}, {0664, 0644}, {0777, 0777}};
  FileAttributes old = of(0777);
  ++old.group;
  for (const auto& [given, expected] : cases) {
    EXPECT_EQ(no_wider_than(old, of(given)).mode, expected) << std::oct << given;
  }
}

// Root asks as nobody, who may not give files away.
TEST_F(Attributes, GiveNoRightsToAGroupThatCannotBeSet) {
  ASSERT_EQ(chmod(folder_.path().c_str(), 0777), 0);
  const bool is_root = geteuid() == 0;
  const pid_t child = fork();
  if (child == 0) {
    constexpr gid_t kNobody = 65534;
    if (is_root && (setgroups(0, nullptr) != 0 || setgid(kNobody) != 0 || setuid(kNobody) != 0)) _exit(99);
    FileAttributes theirs = of(0640);
    theirs.owner = theirs.group = 0;
    write("a", theirs);
    theirs.mode = 0644;
    write("b", theirs);
    _exit(mode("a") == 0600 && mode("b") == 0644 ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  if (WIFEXITED(status) && WEXITSTATUS(status) == 99) GTEST_SKIP() << "there is no other user here";
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
}

TEST_F(Attributes, OwnerAndGroupComeAlongWhereTheyMay) {
  if (geteuid() != 0) GTEST_SKIP() << "only root may give files away";
  FileAttributes theirs = of(0640);
  theirs.owner = 12345;
  theirs.group = 23456;
  write("a", theirs);
  struct stat status = {};
  ASSERT_EQ(stat((folder_ / "a").c_str(), &status), 0);
  EXPECT_EQ(status.st_uid, 12345U);
  EXPECT_EQ(status.st_gid, 23456U);
  EXPECT_EQ(status.st_mode & 07777U, 0640U);
}

}  // namespace
}  // namespace vaec::base
