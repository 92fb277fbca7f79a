#include "train/gradient_sum.hpp"

#include "train/random.hpp"

namespace vaec::train {

void sum_over_processes(ProcessGroup& group, std::vector<torch::Tensor>& parameters, Figures& figures) {
  if (group.size() == 1) return;
  const torch::NoGradGuard no_grad;
  std::vector<torch::Tensor> flat;
  std::vector<float> numbers;  // behind the gradients: how many processes have each, and the figures
  for (const auto& p : parameters) {
    const bool has = p.grad().defined();
    flat.push_back(has ? p.grad().flatten() : torch::zeros({p.numel()}, p.options()));
    numbers.push_back(has ? 1 : 0);
  }
  for (const auto& [name, value] : figures) numbers.push_back(static_cast<float>(value));
  const auto count = static_cast<std::int64_t>(numbers.size());
  flat.push_back(torch::tensor(numbers).to(flat.front().options()));
  auto all = torch::cat(flat);
  group.sum(all);

  const auto sums = all.slice(0, all.numel() - count).to(torch::kCPU, torch::kFloat64);
  const auto* number = sums.data_ptr<double>();
  std::int64_t at = 0;
  for (auto& p : parameters) {
    p.mutable_grad() = *number++ > 0 ? all.slice(0, at, at + p.numel()).view(p.sizes()) : torch::Tensor();
    at += p.numel();
  }
  for (auto& [name, value] : figures) value = *number++;
}

void wait_for_rank_0(ProcessGroup& group) {
  auto nothing = torch::zeros({1});
  group.broadcast(nothing);
}

void follow_rank_0(ProcessGroup& group, std::vector<torch::Tensor>& parameters) {
  if (group.size() == 1) return;
  const torch::NoGradGuard no_grad;
  auto random = random_state();
  group.broadcast(random);
  set_random_state(random);
  std::vector<torch::Tensor> flat;
  for (const auto& p : parameters) flat.push_back(p.flatten());
  auto all = torch::cat(flat);
  group.broadcast(all);
  std::int64_t at = 0;
  for (auto& p : parameters) {
    p.copy_(all.slice(0, at, at + p.numel()).view(p.sizes()));
    at += p.numel();
  }
}

}  // namespace vaec::train
