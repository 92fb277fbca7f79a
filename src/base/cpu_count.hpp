// How many processors this process may use.
#pragma once

#include <filesystem>
#include <optional>

namespace vaec::base {

// The processors in the calling thread's affinity mask (`taskset`), but no more than the CPU quota of its
// control group allows (a container's `--cpus`), rounded up. At least 1.
[[nodiscard]] int available_cpus();

// The quota of the control group (cgroup v1 and v2), in processors, the least of all groups around it;
// nothing without one, or where it cannot be read. `root`: the folder that holds /proc and, at the paths that
// mountinfo names, the groups' own files.
[[nodiscard]] std::optional<double> cpu_quota(const std::filesystem::path& root = "/");

}  // namespace vaec::base
