// A process group of LibTorch's own, c10d; in builds that have one of its backends (VAEC_WITH_GLOO, VAEC_WITH_NCCL).
#pragma once

#include "train/process_group.hpp"

namespace vaec::train {

// As join() (process_group.hpp), for more than one process.
[[nodiscard]] std::unique_ptr<ProcessGroup> join_by_c10d(const Launch& launch, torch::Device device,
                                                         std::chrono::milliseconds within);

}  // namespace vaec::train
