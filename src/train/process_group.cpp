#include "train/process_group.hpp"

#if defined(VAEC_WITH_GLOO) || defined(VAEC_WITH_NCCL)
#include "train/c10d_group.hpp"
#endif

namespace vaec::train {
namespace {

class Alone : public ProcessGroup {
 public:
  [[nodiscard]] int rank() const override { return 0; }
  [[nodiscard]] int size() const override { return 1; }
  void sum(torch::Tensor&) override {}
  void broadcast(torch::Tensor&) override {}
  void give_up(const Error&) override {}
  [[nodiscard]] Error verdict(const GroupBroken& broken) override {
    return {ErrorCode::kInternal, broken.what()};
  }
};

}  // namespace

ProcessGroup& alone() {
  static Alone group;
  return group;
}

std::unique_ptr<ProcessGroup> join(const Launch& launch, [[maybe_unused]] torch::Device device,
                                   [[maybe_unused]] std::chrono::milliseconds within) {
  if (launch.size == 1) return std::make_unique<Alone>();
#if defined(VAEC_WITH_GLOO) || defined(VAEC_WITH_NCCL)
  return join_by_c10d(launch, device, within);
#else
  throw Error(
      ErrorCode::kUsage,
      "this vaec trains in one process only: it was built without LibTorch's part for many "
      "machines, c10d over Gloo (docs/training.md); unset RANK and WORLD_SIZE, or build it with that");
#endif
}

}  // namespace vaec::train
