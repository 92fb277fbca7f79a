#include "train/random.hpp"

#include "nn/torch.hpp"

namespace vaec::train {

double uniform() { return torch::rand({1}, torch::kFloat64).item<double>(); }

std::int64_t uniform_int(std::int64_t end) {
  return torch::randint(end, {1}, torch::kInt64).item<std::int64_t>();
}

}  // namespace vaec::train
