#include "train/random.hpp"

#include <mutex>

namespace vaec::train {

double uniform() { return torch::rand({1}, torch::kFloat64).item<double>(); }

std::int64_t uniform_int(std::int64_t end) {
  return torch::randint(end, {1}, torch::kInt64).item<std::int64_t>();
}

torch::Tensor random_state() {
  auto generator = at::detail::getDefaultCPUGenerator();
  const std::lock_guard<std::mutex> lock(generator.mutex());
  return generator.get_state();
}

void set_random_state(const torch::Tensor& state) {
  auto generator = at::detail::getDefaultCPUGenerator();
  const std::lock_guard<std::mutex> lock(generator.mutex());
  generator.set_state(state);
}

}  // namespace vaec::train
