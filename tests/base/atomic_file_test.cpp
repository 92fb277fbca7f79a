#include "base/atomic_file.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <climits>
#include <fstream>
#include <functional>
#include <span>
#include <string>

#include "temporary_folder.hpp"
#include "vaec/error.hpp"

namespace vaec::base {
namespace {

namespace fs = std::filesystem;

class Output : public testing::Test {
 protected:
  [[nodiscard]] fs::path path(const std::string& name) const { return folder_ / name; }
  void touch(const std::string& name) const { std::ofstream(path(name)) << "mine"; }

  // What asking for `file` says; "" if it may be written.
  static std::string refusal(const fs::path& file, bool overwrite = false,
                             Folders folders = Folders::kThere) {
    try {
      check_may_write(file, overwrite, folders);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kWrite) << error.what();
      return error.what();
    }
    return "";
  }
  static bool says(const std::string& message, const std::string& words) {
    return message.find(words) != std::string::npos;
  }
  static void write(const fs::path& file) {
    const std::string text = "new";
    write_file(file, std::as_bytes(std::span(text)), true);
  }

  const TemporaryFolder folder_;
};

TEST_F(Output, ANameMayBeAsLongAsTheFileSystemTakes) {
  const fs::path longest = path(std::string(255, 'x'));
  EXPECT_EQ(refusal(longest), "");
  write(longest);  // the temporary file's name is no longer
  EXPECT_TRUE(fs::exists(longest));
  EXPECT_TRUE(says(refusal(path(std::string(256, 'x'))), "File name too long"));
  // Where the folder is yet to be made nothing can be looked up in it.
  const fs::path missing = path("new") / std::string(256, 'x');
  EXPECT_TRUE(says(refusal(missing, false, Folders::kMade), "File name too long"));
  EXPECT_TRUE(says(refusal(path(std::string(256, 'x')) / "a", false, Folders::kMade), "File name too long"));
}

// A path up to the longest that the system takes: it can be written, or that is told before.
TEST_F(Output, ALongPathIsWrittenOrRefusedBefore) {
  fs::path folder = folder_.path();
  while (folder.native().size() + 200 < PATH_MAX - 60) {
    folder /= std::string(199, 'd');
    ASSERT_EQ(mkdir(folder.c_str(), 0777), 0);
  }
  int written = 0, refused = 0;
  for (std::size_t length = 1; length <= 255; ++length) {
    const fs::path file = folder / std::string(length, 'x');
    if (const std::string why = refusal(file, true); !why.empty()) {
      EXPECT_TRUE(says(why, "File name too long")) << why;
      ++refused;
      continue;
    }
    EXPECT_NO_THROW(write(file)) << length;
    ++written;
  }
  EXPECT_GT(written, 0);
  EXPECT_GT(refused, 0);
}

// Of folders that are yet to be made as well.
TEST_F(Output, ALongPathOfMissingFoldersIsRefusedBefore) {
  int written = 0, refused = 0;
  for (std::size_t length = PATH_MAX - 60; length <= PATH_MAX; length += 3) {
    fs::path folder = folder_ / std::to_string(length);
    while (folder.native().size() + 200 < length) folder /= std::string(99, 'd');
    folder /= std::string(length - folder.native().size() - 1, 'e');
    const fs::path file = folder / "a";
    if (const std::string why = refusal(file, true, Folders::kMade); !why.empty()) {
      EXPECT_TRUE(says(why, "File name too long")) << why;
      ++refused;
      continue;
    }
    fs::create_directories(folder);
    EXPECT_NO_THROW(write(file)) << length;
    ++written;
  }
  EXPECT_GT(written, 0);
  EXPECT_GT(refused, 0);
}

TEST_F(Output, PipesAreRefusedWhereFilesAreMeant) {
  ASSERT_EQ(mkfifo(path("pipe").c_str(), 0600), 0);
  fs::create_symlink("pipe", path("link"));
  touch("file");
  for (const char* name : {"pipe", "link"}) {
    EXPECT_THROW(refuse_pipe(path(name)), Error) << name;
    EXPECT_EQ(refusal(path(name)), "") << name << ": may be written to where it is meant";
  }
  for (const fs::path& file : {path("file"), path("none"), folder_.path(), fs::path("/dev/null")})
    EXPECT_NO_THROW(refuse_pipe(file)) << file;
}

// Some file systems take whole characters only.
TEST_F(Output, ATemporaryNameCutsNoCharacter) {
  for (int ascii = 0; ascii < 4; ++ascii) {
    std::string name(static_cast<std::size_t>(ascii), 'x');
    while (name.size() + 3 <= 250) name += "\xe2\x82\xac";
    AtomicFile file(path(name), false);
    for (const auto& entry : fs::directory_iterator(folder_.path())) {
      const std::string temporary = entry.path().filename().string();
      const std::string kept = temporary.substr(1, temporary.find(".vaec-tmp-") - 1);
      EXPECT_EQ((kept.size() - static_cast<std::size_t>(ascii)) % 3, 0U) << kept;
    }
  }
}

TEST_F(Output, WhatIsNoFolderHoldsNoFile) {
  touch("file");
  fs::create_symlink("loop", path("loop"));
  fs::create_symlink("nowhere", path("dangling"));
  fs::create_directory(path("folder"));
  for (const Folders folders : {Folders::kThere, Folders::kMade}) {
    EXPECT_TRUE(says(refusal(path("file/a"), false, folders), "Not a directory"));
    EXPECT_TRUE(says(refusal(path("loop/a"), false, folders), "Too many levels of symbolic links"));
    EXPECT_TRUE(says(refusal(path("dangling/a"), false, folders), "there is no folder"));
    EXPECT_TRUE(says(refusal(path("folder"), true, folders), "Is a directory"));
  }
  EXPECT_TRUE(says(refusal(path("new/a")), "there is no folder"));
  EXPECT_EQ(refusal(path("new/and/newer/a"), false, Folders::kMade), "");
  EXPECT_NE(refusal("", true), "");
}

TEST_F(Output, AnExistingFileIsKeptOrReplaced) {
  touch("a");
  fs::create_symlink("a", path("link"));
  EXPECT_TRUE(says(refusal(path("a")), "exists already"));
  EXPECT_TRUE(says(refusal(path("link")), "exists already"));
  EXPECT_EQ(refusal(path("a"), true), "");
  write(path("link"));
  EXPECT_TRUE(fs::is_symlink(path("link")));
  EXPECT_EQ(fs::file_size(path("a")), 3U);
  EXPECT_EQ(refusal("/dev/null"), "");
}

// Permissions bind a user without rights over all of them; root asks as nobody.
TEST_F(Output, FoldersThatMayNotBeWrittenOrSearched) {
  touch("theirs");
  chmod(folder_.path().c_str(), 0755);
  for (const char* name : {"closed", "unsearchable", "sticky"}) fs::create_directory(path(name));
  touch("sticky/theirs");
  chmod(path("closed").c_str(), 0555);
  chmod(path("unsearchable").c_str(), 0600);
  chmod(path("sticky").c_str(), 01777);
  const bool is_root = geteuid() == 0;
  const pid_t child = fork();
  if (child == 0) {
    constexpr uid_t kNobody = 65534;
    if (is_root && setuid(kNobody) != 0) _exit(99);
    const bool good = says(refusal(path("closed/a")), "Permission denied") &&
                      says(refusal(path("closed/b/a"), false, Folders::kMade), "Permission denied") &&
                      says(refusal(path("unsearchable/a")), "Permission denied") &&
                      (!is_root || says(refusal(path("sticky/theirs"), true), "Operation not permitted")) &&
                      refusal(path("sticky/mine"), true).empty();
    _exit(good ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  if (WIFEXITED(status) && WEXITSTATUS(status) == 99) GTEST_SKIP() << "there is no other user here";
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
  chmod(path("unsearchable").c_str(), 0700);
}

TEST_F(Output, ARemovedFolderHoldsNoFile) {
  const fs::path before = fs::current_path();
  fs::create_directory(path("gone"));
  fs::current_path(path("gone"));
  fs::remove(path("gone"));
  EXPECT_NE(refusal("a"), "");
  fs::current_path(before);
}

// Of a process with this one's number, as in a container that is started again and again.
TEST_F(Output, WhatWasLeftBehindIsNotInTheWay) {
  const auto temporary = [&] {
    const AtomicFile probe(path("a"), true);
    for (const auto& entry : fs::directory_iterator(folder_.path())) {
      if (is_unfinished(entry.path())) return entry.path().string();
    }
    return std::string();
  }();
  ASSERT_FALSE(temporary.empty());
  const auto number = temporary.rfind('-') + 1;
  for (int i = 1; i <= 5; ++i)
    std::ofstream(temporary.substr(0, number) + std::to_string(std::stoi(temporary.substr(number)) + i))
        << "left";
  write(path("a"));
  EXPECT_EQ(fs::file_size(path("a")), 3U);
}

}  // namespace
}  // namespace vaec::base
