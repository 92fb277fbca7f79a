#include "train/precision.hpp"

#include "nn/precision.hpp"
#include "vaec/error.hpp"

namespace vaec::train {
torch::ScalarType choose_precision(const std::string& name, torch::Device device) {
  if (name == "fp32") return torch::kFloat32;
  if (name == "bf16") return torch::kBFloat16;
  if (name == "auto") return device.is_cuda() || nn::cpu_has_bf16() ? torch::kBFloat16 : torch::kFloat32;
  throw Error(ErrorCode::kUsage, "--precision is auto, fp32 or bf16, not " + name);
}

torch::Device choose_device(const std::string& name, int local_rank) {
  const auto gpu = [&] {
    const auto count = static_cast<int>(torch::cuda::device_count());
    if (count == 1 || local_rank == 0)
      return torch::Device(torch::kCUDA, 0);  // the one that a launcher lets it see
    if (local_rank < count) return torch::Device(torch::kCUDA, static_cast<c10::DeviceIndex>(local_rank));
    throw Error(ErrorCode::kUsage, "LOCAL_RANK is " + std::to_string(local_rank) + ", and there are " +
                                       std::to_string(count) +
                                       " GPUs: start fewer processes a machine, or --device cpu");
  };
  if (name == "cpu") return torch::kCPU;
  if (name == "auto") return torch::cuda::is_available() ? gpu() : torch::kCPU;
  if (name == "cuda") {
    if (!torch::cuda::is_available())
      throw Error(ErrorCode::kUsage, "--device cuda: this LibTorch finds no CUDA device");
    return gpu();
  }
  throw Error(ErrorCode::kUsage, "--device is auto, cpu or cuda, not " + name);
}

}  // namespace vaec::train
