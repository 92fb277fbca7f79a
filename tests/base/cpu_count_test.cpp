#include "base/cpu_count.hpp"

#include <gtest/gtest.h>
#include <sched.h>
#include <unistd.h>

#include <fstream>
#include <string>
#include <thread>

#include "temporary_folder.hpp"

namespace vaec::base {
namespace {

namespace fs = std::filesystem;

// A made-up /proc and /sys.
class CpuQuota : public testing::Test {
 protected:
  void put(const std::string& file, const std::string& text) const {
    const auto path = root_ / file;
    fs::create_directories(path.parent_path());
    std::ofstream(path) << text;
  }
  // A mount as mountinfo tells it.
  void mount(const std::string& group, const std::string& point, const std::string& type,
             const std::string& options) const {
    put("proc/self/mountinfo", "22 1 8:1 / / rw,relatime - ext4 /dev/sda1 rw\n31 22 0:27 " + group + " " +
                                   point + " rw,nosuid shared:9 - " + type + " " + type + " rw," + options +
                                   "\n");
  }

  const TemporaryFolder folder_;
  const fs::path root_ = folder_.path();
};

TEST_F(CpuQuota, NoneWhereThereAreNoGroups) {
  EXPECT_EQ(cpu_quota(root_), std::nullopt);
  put("proc/self/cgroup", "not a line of the kind\n::\n");
  put("proc/self/mountinfo", "nor - this\n- - -\n");
  EXPECT_EQ(cpu_quota(root_), std::nullopt);
}

TEST_F(CpuQuota, Version2InAContainer) {
  mount("/", "/sys/fs/cgroup", "cgroup2", "nsdelegate");
  put("proc/self/cgroup", "0::/\n");
  put("sys/fs/cgroup/cpu.max", "150000 100000\n");
  EXPECT_EQ(cpu_quota(root_), 1.5);
  put("sys/fs/cgroup/cpu.max", "max 100000\n");
  EXPECT_EQ(cpu_quota(root_), std::nullopt);
  put("sys/fs/cgroup/cpu.max", "20000 100000\n");
  EXPECT_EQ(cpu_quota(root_), 0.2);
}

TEST_F(CpuQuota, Version2TakesTheLeastOfAllGroupsAround) {
  mount("/", "/sys/fs/cgroup", "cgroup2", "nsdelegate");
  put("proc/self/cgroup", "0::/user.slice/job.scope\n");
  put("sys/fs/cgroup/user.slice/cpu.max", "300000 100000\n");
  put("sys/fs/cgroup/user.slice/job.scope/cpu.max", "max 100000\n");
  EXPECT_EQ(cpu_quota(root_), 3.0);
  put("sys/fs/cgroup/user.slice/job.scope/cpu.max", "100000 50000\n");
  EXPECT_EQ(cpu_quota(root_), 2.0);
}

// Without a namespace of its own a container sees the host's path, which is the root of its mount.
TEST_F(CpuQuota, Version1InAContainer) {
  mount("/docker/abc", "/sys/fs/cgroup/cpu,cpuacct", "cgroup", "cpu,cpuacct");
  put("proc/self/cgroup", "12:memory:/docker/abc\n4:cpu,cpuacct:/docker/abc\n1:name=systemd:/docker/abc\n");
  put("sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us", "250000\n");
  put("sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us", "100000\n");
  EXPECT_EQ(cpu_quota(root_), 2.5);
  put("sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us", "-1\n");
  EXPECT_EQ(cpu_quota(root_), std::nullopt);
}

TEST_F(CpuQuota, Version1OnAHost) {
  mount("/", "/sys/fs/cgroup/cpu", "cgroup", "cpu");
  put("proc/self/cgroup", "3:cpu:/batch/job\n0::/init.scope\n");
  put("sys/fs/cgroup/cpu/batch/job/cpu.cfs_quota_us", "400000\n");
  put("sys/fs/cgroup/cpu/batch/job/cpu.cfs_period_us", "100000\n");
  put("sys/fs/cgroup/cpu/batch/cpu.cfs_quota_us", "100000\n");
  put("sys/fs/cgroup/cpu/batch/cpu.cfs_period_us", "100000\n");
  EXPECT_EQ(cpu_quota(root_), 1.0);
}

// A thread of its own, so that the mask of the others stays.
TEST(AvailableCpus, HeedsTheAffinityMask) {
  cpu_set_t all;
  ASSERT_EQ(sched_getaffinity(0, sizeof all, &all), 0);
  EXPECT_LE(available_cpus(), CPU_COUNT(&all));
  int first = 0;
  while (CPU_ISSET(first, &all) == 0) ++first;
  int found = 0;
  std::thread([&] {
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(first, &one);
    ASSERT_EQ(sched_setaffinity(0, sizeof one, &one), 0);
    found = available_cpus();
  }).join();
  EXPECT_EQ(found, 1);
}

}  // namespace
}  // namespace vaec::base
