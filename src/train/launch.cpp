#include "train/launch.hpp"

#include <charconv>
#include <limits>
#include <string_view>

#include "vaec/error.hpp"

namespace vaec::train {
namespace {

struct Launcher {
  const char *rank, *size, *local_rank;
  bool always;  // sets them for processes that belong together only
};
constexpr Launcher kLaunchers[] = {
    {"RANK", "WORLD_SIZE", "LOCAL_RANK", true},
    {"OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_LOCAL_RANK", true},
    {"SLURM_PROCID", "SLURM_NTASKS", "SLURM_LOCALID", false}};

[[noreturn]] void refuse(const std::string& why) { throw Error(ErrorCode::kUsage, "environment: " + why); }

int number(const char* name, std::string_view text, int least, int most) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < least || value > most) {
    refuse(std::string(name) + " is '" + std::string(text) + "', not a whole number from " +
           std::to_string(least) + " to " + std::to_string(most));
  }
  return value;
}

}  // namespace

Launch launch_from(const Environment& environment) {
  const char* address = environment("MASTER_ADDR");
  const bool has_address = address != nullptr && *address != '\0';
  for (const auto& launcher : kLaunchers) {
    const char *rank = environment(launcher.rank), *size = environment(launcher.size);
    if (rank == nullptr && size == nullptr) continue;
    if (!launcher.always && !has_address) continue;
    if (rank == nullptr || size == nullptr) {
      refuse(std::string(rank != nullptr ? launcher.rank : launcher.size) + " is set and " +
             (rank != nullptr ? launcher.size : launcher.rank) +
             " is not: set both for a process of many, neither for one alone");
    }
    Launch launch;
    launch.size = number(launcher.size, size, 1, Launch::kMostProcesses);
    launch.rank = number(launcher.rank, rank, 0, Launch::kMostProcesses - 1);
    if (launch.rank >= launch.size) {
      refuse(std::string(launcher.rank) + " is " + rank + " and " + launcher.size + " " + size +
             ": ranks count from 0 to one less than the size");
    }
    if (const char* local = environment(launcher.local_rank)) {
      launch.local_rank = number(launcher.local_rank, local, 0, Launch::kMostProcesses - 1);
    }
    if (launch.size == 1) return launch;
    if (!has_address) {
      refuse(std::string(launcher.size) + " is " + size +
             " and MASTER_ADDR is not set: name the machine that rank 0 runs on");
    }
    launch.address = address;
    if (const char* port = environment("MASTER_PORT")) {
      launch.port = static_cast<std::uint16_t>(
          number("MASTER_PORT", port, 1, std::numeric_limits<std::uint16_t>::max()));
    }
    // torchrun's own store listens there; vaec's, of another LibTorch maybe, takes the next one.
    const char* taken = environment("TORCHELASTIC_USE_AGENT_STORE");
    if (taken != nullptr && std::string_view(taken) == "True") {
      launch.port +=
          static_cast<std::uint16_t>(launch.port < std::numeric_limits<std::uint16_t>::max() ? 1 : -1);
    }
    return launch;
  }
  return {};
}

}  // namespace vaec::train
