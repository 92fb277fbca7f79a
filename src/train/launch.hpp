// Which process of how many this one is, as a launcher of many says: torchrun, mpirun or Slurm.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace vaec::train {

struct Launch {
  int rank = 0, size = 1;  // the process, 0..size - 1, and how many train together
  int local_rank = 0;      // among those on its machine: which GPU it takes
  std::string address;     // where rank 0 listens; empty if size is 1
  std::uint16_t port = kDefaultPort;

  static constexpr std::uint16_t kDefaultPort = 29500;  // c10d's own
  static constexpr int kMostProcesses = 4096;
};

// A variable's value; null: not set.
using Environment = std::function<const char*(const char* name)>;

// Rank and size are RANK and WORLD_SIZE (torchrun; or set by hand), else OMPI_COMM_WORLD_RANK and _SIZE
// (mpirun), else SLURM_PROCID and SLURM_NTASKS. All three need MASTER_ADDR, where rank 0 runs, and take
// MASTER_PORT, or the port after it where TORCHELASTIC_USE_AGENT_STORE says that torchrun itself listens
// there. Slurm sets its two for a script that starts one process alone, too: they count only where
// MASTER_ADDR is set. Throws Error kUsage: one without the other, no whole number, a rank that is not below
// the size, no MASTER_ADDR.
[[nodiscard]] Launch launch_from(const Environment& environment);

}  // namespace vaec::train
