#include "base/waiting.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "base/interrupt.hpp"
#include "stop_request.hpp"
#include "temporary_folder.hpp"

namespace vaec::base {
namespace {

class Waiting : public testing::Test {
 protected:
  Waiting() { mkfifo(fifo().c_str(), 0600); }
  ~Waiting() override { clear_stop_request(); }
  [[nodiscard]] std::filesystem::path fifo() const { return folder_ / "fifo"; }

  // `wait` ends within a second of a stop request that comes from another thread.
  static void expect_stopped(const std::function<void()>& wait) {
    std::chrono::steady_clock::time_point stopped;
    std::jthread other([&] {
      std::this_thread::sleep_for(std::chrono::milliseconds(200));
      stopped = std::chrono::steady_clock::now();
      request_stop();
    });
    wait();
    const auto ended = std::chrono::steady_clock::now();
    other.join();
    EXPECT_GE(ended, stopped);
    EXPECT_LT(ended - stopped, std::chrono::seconds(1));
    clear_stop_request();
  }

  const TemporaryFolder folder_;
};

TEST_F(Waiting, EndsWithAStopRequest) {
  std::array<int, 2> ends{};
  ASSERT_EQ(pipe(ends.data()), 0);
  std::array<std::byte, 16> buffer{};
  expect_stopped([&] {
    EXPECT_EQ(read_some(ends[0], buffer), -1);
    EXPECT_EQ(errno, EINTR);
  });
  const int reader = open_to_read(fifo());
  ASSERT_GE(reader, 0);
  expect_stopped([&] { EXPECT_EQ(read_some(reader, buffer), -1); });
  close(reader);
  expect_stopped([&] {
    EXPECT_EQ(open_to_write(fifo()), -1);
    EXPECT_EQ(errno, EINTR);
  });
  // More than a pipe holds, and nobody reads.
  const std::vector<std::byte> much(std::size_t{1} << 22);
  expect_stopped([&] { EXPECT_EQ(write_all(ends[1], much), EINTR); });
  close(ends[0]);
  close(ends[1]);
}

TEST_F(Waiting, ANamedPipeGivesAllThatIsWritten) {
  const std::vector<std::byte> sent(300000, std::byte{7});
  std::jthread writer([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    const int descriptor = open_to_write(fifo());
    EXPECT_EQ(write_all(descriptor, sent), 0);
    close(descriptor);
  });
  const int reader = open_to_read(fifo());
  std::vector<std::byte> received, piece(10000);
  for (ssize_t count = 0; (count = read_some(reader, piece)) > 0;)
    received.insert(received.end(), piece.begin(), piece.begin() + count);
  close(reader);
  EXPECT_EQ(received, sent);
}

TEST_F(Waiting, ErrorsAreToldAtOnce) {
  EXPECT_EQ(open_to_read(folder_ / "none"), -1);
  EXPECT_EQ(errno, ENOENT);
  std::array<std::byte, 1> buffer{};
  EXPECT_EQ(read_some(-1, buffer), -1);
  EXPECT_EQ(write_all(-1, buffer), EBADF);
}

}  // namespace
}  // namespace vaec::base
