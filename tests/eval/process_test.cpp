#include "eval/process.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <thread>

#include "base/interrupt.hpp"
#include "eval/temporary_folder.hpp"
#include "eval/whole_file.hpp"
#include "stop_request.hpp"
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

// The program goes on after it closed its output; what it leaves behind holds the pipe.
TEST(Process, IsWaitedForAndNothingElseIs) {
  EXPECT_EQ(run_process({"sh", "-c", "exec >&- 2>&-; sleep 0.2; exit 4"}).status, 4);
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(run_process({"sh", "-c", "echo out; sleep 20 & exit 5"}).status, 5);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(10));
}

TEST(Process, AStopRequestEndsIt) {
  for (const char* script : {"sleep 20", "exec >&- 2>&-; sleep 20"}) {
    std::jthread other([] {
      std::this_thread::sleep_for(std::chrono::milliseconds(200));
      base::request_stop();
    });
    const auto start = std::chrono::steady_clock::now();
    EXPECT_THROW((void)run_process({"sh", "-c", script}), Error);
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::milliseconds(1200));
    other.join();
    clear_stop_request();
  }
}

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
