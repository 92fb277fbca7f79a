#include "eval/process.hpp"

#include <gtest/gtest.h>

#include <filesystem>

#include "eval/temporary_folder.hpp"
#include "eval/whole_file.hpp"
#include "vaec/error.hpp"

namespace vaec::eval {
namespace {

TEST(Process, GivesStatusAndOutput) {
  const ProcessResult result = run_process({"sh", "-c", "echo out; echo err >&2; exit 3"});
  EXPECT_EQ(result.status, 3);
  EXPECT_EQ(result.output, "out\nerr\n");
}

TEST(Process, NoShellLooksAtTheArguments) {
  EXPECT_EQ(run_process({"printf", "%s|", "a b", "$HOME", "*", "'"}).output, "a b|$HOME|*|'|");
}

TEST(Process, InputIsEmpty) { EXPECT_EQ(run_process({"cat"}).output, ""); }

TEST(Process, ALongOutputIsCutNotWaitedFor) {
  EXPECT_EQ(run_process({"head", "-c", "300000", "/dev/zero"}).output.size(), kMostOutput);
}

TEST(Process, ASignalIsTold) { EXPECT_EQ(run_process({"sh", "-c", "kill -9 $$"}).status, 137); }

TEST(Process, AMissingProgram) {
  EXPECT_TRUE(is_installed("sh"));
  EXPECT_FALSE(is_installed("no-such-program"));
  EXPECT_THROW((void)run_process({"no-such-program"}), Error);
}

TEST(TemporaryFolder, IsGoneAtTheEnd) {
  std::filesystem::path path;
  {
    const TemporaryFolder folder;
    path = folder.path();
    const std::string text = "hello";
    save(path / "a", std::as_bytes(std::span(text)));
    EXPECT_EQ(load(path / "a").size(), 5U);
    EXPECT_THROW((void)load(path / "b"), Error);
    EXPECT_EQ(std::filesystem::status(path).permissions(), std::filesystem::perms::owner_all);
  }
  EXPECT_FALSE(std::filesystem::exists(path));
}

}  // namespace
}  // namespace vaec::eval
