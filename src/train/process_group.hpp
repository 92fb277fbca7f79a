// Processes that train one model together, on one machine or on many.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "nn/torch.hpp"
#include "train/launch.hpp"
#include "vaec/error.hpp"

namespace vaec::train {

// Thrown by sum() and broadcast(): a process is gone, or has ended the run. ProcessGroup::verdict() finds out
// which, which takes seconds: a checkpoint is saved before.
class GroupBroken : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// All processes call sum() and broadcast() in the same order, with tensors of the same shapes. These wait for
// the slowest process as long as that is alive; a process that dies, or whose machine does, is noticed within
// a minute. Not thread-safe.
class ProcessGroup {
 public:
  ProcessGroup() = default;
  ProcessGroup(const ProcessGroup&) = delete;
  ProcessGroup& operator=(const ProcessGroup&) = delete;
  virtual ~ProcessGroup() = default;

  [[nodiscard]] virtual int rank() const = 0;  // 0..size() - 1
  [[nodiscard]] virtual int size() const = 0;
  // Puts the sum of all processes' tensors into each: the same bits in all of them. Throws GroupBroken.
  virtual void sum(torch::Tensor& tensor) = 0;
  // Puts rank 0's tensor into each. Throws GroupBroken.
  virtual void broadcast(torch::Tensor& tensor) = 0;

  // Ends the run in all other processes, as `why` says.
  virtual void give_up(const Error& why) = 0;
  // After GroupBroken: the error that it ends with in this process. Names the process that is gone, or says
  // what that one ended with.
  [[nodiscard]] virtual Error verdict(const GroupBroken& broken) = 0;
};

// This process alone: the sum is what it has itself.
[[nodiscard]] ProcessGroup& alone();

constexpr std::chrono::seconds kJoinWithin{300};  // launchers start their processes minutes apart at most

// Waits until all processes have come: rank 0 listens at launch.port, the others find it at launch.address.
// Sums by c10d's NCCL if `device` is a GPU and this LibTorch has it, else by its Gloo. One alone if launch.size is 1.
// Throws Error kUsage: no c10d in this build; an address or port that cannot be used; not all came within that
// time; two have one rank; they name different sizes. kInterrupted.
[[nodiscard]] std::unique_ptr<ProcessGroup> join(const Launch& launch, torch::Device device,
                                                 std::chrono::milliseconds within = kJoinWithin);

}  // namespace vaec::train
