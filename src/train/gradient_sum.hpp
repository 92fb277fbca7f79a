// What the processes of a group have each of a step, made one.
#pragma once

#include <vector>

#include "nn/torch.hpp"
#include "train/process_group.hpp"
#include "train/task.hpp"

namespace vaec::train {

// Adds up the gradients of `parameters` over all processes, and the figures: in one exchange. A parameter that
// has a gradient in none of them gets none. All must have the same parameters and figures of the same names.
// Throws GroupBroken.
void sum_over_processes(ProcessGroup& group, std::vector<torch::Tensor>& parameters, Figures& figures);

// Waits until rank 0 has called it, too. Throws GroupBroken.
void wait_for_rank_0(ProcessGroup& group);

// Rank 0's parameters and the state of its random numbers for all. Throws GroupBroken.
void follow_rank_0(ProcessGroup& group, std::vector<torch::Tensor>& parameters);

}  // namespace vaec::train
