#include "train/c10d_group.hpp"

#include <spdlog/spdlog.h>

#include <torch/csrc/distributed/c10d/Backend.hpp>
#include <torch/csrc/distributed/c10d/ProcessGroup.hpp>
#ifdef VAEC_WITH_GLOO
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>
#endif
#ifdef VAEC_WITH_NCCL
#include <torch/csrc/distributed/c10d/ProcessGroupNCCL.hpp>
#endif

#include <cstdlib>
#include <future>
#include <thread>
#include <type_traits>

#include "train/members.hpp"
#include "train/rendezvous.hpp"

namespace vaec::train {
namespace {

using namespace std::chrono_literals;

#ifdef VAEC_WITH_GLOO
using AnyBackend = c10d::ProcessGroupGloo;
#else
using AnyBackend = c10d::ProcessGroupNCCL;
#endif
// LibTorch 2 has a class of their own for them.
using Backend =
    std::conditional_t<std::is_base_of_v<c10d::ProcessGroup, AnyBackend>, c10d::ProcessGroup, c10d::Backend>;

constexpr auto kLongestWait = std::chrono::hours(6);  // in one sum: who is gone, Members sees much sooner
constexpr auto kBetweenChecks = 100us;

// Where sums of what `device` has are made.
torch::Device device_of_sums([[maybe_unused]] torch::Device device) {
#ifdef VAEC_WITH_NCCL
  if (device.is_cuda()) return device;
#endif
  return torch::kCPU;
}

c10::intrusive_ptr<Backend> make_backend(const Launch& launch, const Rendezvous& met,
                                         [[maybe_unused]] torch::Device device) {
#ifdef VAEC_WITH_NCCL
  if (device.is_cuda()) {
    auto options = c10d::ProcessGroupNCCL::Options::create();
    options->timeout = kLongestWait;
    return c10::make_intrusive<c10d::ProcessGroupNCCL>(met.for_backend, launch.rank, launch.size, options);
  }
#endif
#ifdef VAEC_WITH_GLOO
  auto options = c10d::ProcessGroupGloo::Options::create(kLongestWait);
  const char* interface = std::getenv("GLOO_SOCKET_IFNAME");  // as for PyTorch
  options->devices.push_back(interface != nullptr
                                 ? c10d::ProcessGroupGloo::createDeviceForInterface(interface)
                                 : c10d::ProcessGroupGloo::createDeviceForHostname(met.address));
  options->threads = 1;  // one sum at a time
  return c10::make_intrusive<c10d::ProcessGroupGloo>(met.for_backend, launch.rank, launch.size, options);
#else
  throw Error(ErrorCode::kUsage,
              fmt::format("--device {}: this vaec sums over many processes on GPUs only", device.str()));
#endif
}

class C10dGroup : public ProcessGroup {
 public:
  C10dGroup(const Launch& launch, const Rendezvous& met)
      : launch_(launch), members_(std::make_unique<Members>(launch.rank, met)) {}
  ~C10dGroup() override {
    members_.reset();  // first: rank 0's waits for the others, who may still be at the last sum
    // It would wait for what it has begun, and that for a process that is gone: left to this process's end.
    if (broken_) static_cast<void>(backend_.release());
  }

  // All processes connect to all others. Where one cannot, these wait for it, until it has said so to Members.
  void connect(const Rendezvous& met, torch::Device device) {
    std::promise<c10::intrusive_ptr<Backend>> promise;
    auto made = promise.get_future();
    std::thread([launch = launch_, met, device, promise = std::move(promise)]() mutable {
      try {
        promise.set_value(make_backend(launch, met, device));
      } catch (...) {
        promise.set_exception(std::current_exception());
      }
    }).detach();
    while (made.wait_for(kBetweenChecks) != std::future_status::ready) members_->check();
    backend_ = made.get();
    device_ = device_of_sums(device);
    spdlog::info("{} at {}, by {}", met.names[static_cast<std::size_t>(launch_.rank)], met.address,
                 backend_->getBackendName());
  }

  [[nodiscard]] int rank() const override { return launch_.rank; }
  [[nodiscard]] int size() const override { return launch_.size; }

  void sum(torch::Tensor& tensor) override {
    exchange(tensor, [this](auto& one) { return backend_->allreduce(one); });
  }
  void broadcast(torch::Tensor& tensor) override {
    exchange(tensor, [this](auto& one) { return backend_->broadcast(one); });
  }
  void give_up(const Error& why) override { members_->end(why); }
  [[nodiscard]] Error verdict(const GroupBroken& broken) override { return members_->verdict(broken.what()); }

 private:
  template <typename Start>
  void exchange(torch::Tensor& tensor, const Start& start) {
    const torch::NoGradGuard no_grad;
    std::vector<torch::Tensor> one{tensor.detach().to(device_).contiguous()};
    try {
      const auto work = start(one);
      while (!work->isCompleted()) {
        members_->check();
        std::this_thread::sleep_for(kBetweenChecks);
      }
      work->wait();
    } catch (const GroupBroken&) {
      broken_ = true;
      throw;
    } catch (const std::exception& error) {
      broken_ = true;
      throw GroupBroken(first_line(error));
    }
    tensor.copy_(one[0]);
  }

  const Launch launch_;
  torch::Device device_ = torch::kCPU;  // where the sums are made
  bool broken_ = false;
  std::unique_ptr<Members> members_;
  c10::intrusive_ptr<Backend> backend_;
};

}  // namespace

std::unique_ptr<ProcessGroup> join_by_c10d(const Launch& launch, torch::Device device,
                                           std::chrono::milliseconds within) {
  const auto met = meet(launch, within);
  auto group = std::make_unique<C10dGroup>(launch, met);
  try {
    group->connect(met, device);
  } catch (const GroupBroken& broken) {
    throw group->verdict(broken);
  } catch (const std::exception& error) {
    const Error why(ErrorCode::kUsage,
                    "cannot reach the other processes from " + met.address + ": " + first_line(error));
    group->give_up(why);
    throw why;
  }
  return group;
}

}  // namespace vaec::train
