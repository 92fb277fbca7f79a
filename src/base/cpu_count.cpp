#include "base/cpu_count.hpp"

#include <sched.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

namespace vaec::base {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::istringstream stream(text);
  for (std::string part; std::getline(stream, part, separator);) parts.push_back(part);
  return parts;
}

bool contains(const std::string& comma_separated, const char* word) {
  const auto parts = split(comma_separated, ',');
  return std::find(parts.begin(), parts.end(), word) != parts.end();
}

// The first words of a file of one line.
template <typename... T>
bool read_words(const fs::path& file, T&... words) {
  std::ifstream stream(file);
  return static_cast<bool>((stream >> ... >> words));
}

// A mounted hierarchy of control groups: what is seen at `point` is the group `root`.
struct Mount {
  fs::path root, point;
};

// `version2`, or the hierarchy of version 1 that has the controller `cpu`. See proc(5) for mountinfo's
// fields.
std::optional<Mount> find_mount(const fs::path& mountinfo, bool version2) {
  std::ifstream stream(mountinfo);
  for (std::string line; std::getline(stream, line);) {
    const auto words = split(line, ' ');
    const auto dash = std::find(words.begin(), words.end(), "-");
    if (words.size() < 5 || words.end() - dash < 4) continue;
    const auto &type = dash[1], &options = dash[3];
    if (version2 ? type == "cgroup2" : type == "cgroup" && contains(options, "cpu")) {
      return Mount{words[3], words[4]};
    }
  }
  return std::nullopt;
}

// The group of this process in that hierarchy.
std::optional<fs::path> find_group(const fs::path& cgroup, bool version2) {
  std::ifstream stream(cgroup);
  for (std::string line; std::getline(stream, line);) {
    const auto first = line.find(':'), second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    const auto controllers = line.substr(first + 1, second - first - 1);
    if (version2 ? controllers.empty() : contains(controllers, "cpu")) return line.substr(second + 1);
  }
  return std::nullopt;
}

// Of one group.
std::optional<double> quota_of(const fs::path& folder, bool version2) {
  double quota = 0, period = 0;
  if (version2) {
    std::string most;
    if (!read_words(folder / "cpu.max", most, period) || most == "max") return std::nullopt;
    std::istringstream(most) >> quota;
  } else if (!read_words(folder / "cpu.cfs_quota_us", quota) ||
             !read_words(folder / "cpu.cfs_period_us", period)) {
    return std::nullopt;
  }
  if (quota <= 0 || period <= 0) return std::nullopt;  // -1: none
  return quota / period;
}

std::optional<double> smallest(const std::optional<double>& a, const std::optional<double>& b) {
  if (!a || !b) return a ? a : b;
  return std::min(*a, *b);
}

// Of the process's group and those around it that are seen here.
std::optional<double> quota_in(const fs::path& root, bool version2) {
  const auto proc = root / "proc/self";
  const auto mount = find_mount(proc / "mountinfo", version2);
  const auto group = find_group(proc / "cgroup", version2);
  if (!mount || !group) return std::nullopt;
  // In a container the mount may show the process's own group as the root, or the path be one outside of it.
  auto below = group->lexically_relative(mount->root);
  if (below.empty() || *below.begin() == "..") below = ".";
  const auto top = root / mount->point.relative_path();
  std::optional<double> least = quota_of(top, version2);
  fs::path folder = top;
  for (const auto& part : below) {
    if (part == ".") continue;
    folder /= part;
    least = smallest(least, quota_of(folder, version2));
  }
  return least;
}

// By sched_getaffinity(2), which wants a mask as large as the kernel's.
int cpus_in_affinity_mask() {
  constexpr int kMostCpus = 1 << 16;
  for (int cpus = CPU_SETSIZE; cpus <= kMostCpus; cpus *= 2) {
    const std::unique_ptr<cpu_set_t, void (*)(cpu_set_t*)> mask(CPU_ALLOC(static_cast<std::size_t>(cpus)),
                                                                [](cpu_set_t* set) { CPU_FREE(set); });
    const auto size = CPU_ALLOC_SIZE(static_cast<std::size_t>(cpus));
    if (mask != nullptr && sched_getaffinity(0, size, mask.get()) == 0) return CPU_COUNT_S(size, mask.get());
  }
  return static_cast<int>(std::thread::hardware_concurrency());
}

}  // namespace

std::optional<double> cpu_quota(const fs::path& root) {
  return smallest(quota_in(root, true), quota_in(root, false));
}

int available_cpus() {
  int count = std::max(1, cpus_in_affinity_mask());
  if (const auto quota = cpu_quota()) count = std::min(count, static_cast<int>(std::ceil(*quota)));
  return std::max(1, count);
}

}  // namespace vaec::base
