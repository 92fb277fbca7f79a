// Data-parallel training: copies of a network that share its weights and have gradients of their own.
#pragma once

#include <algorithm>
#include <functional>
#include <vector>

#include "nn/torch.hpp"
#include "train/workers.hpp"

namespace vaec::train {

// `Network` is a LibTorch module holder. The weights must not be replaced while it lives (set_data), but for
// moments between two calls.
template <typename Network>
class Replicas {
 public:
  // One for each worker, at most `most`. The first is `network` itself, `make` gives others of its sizes.
  Replicas(const Network& network, Workers& workers, int most, const std::function<Network()>& make)
      : workers_(workers), networks_{network} {
    const auto weights = network->parameters();
    while (static_cast<int>(networks_.size()) < std::min(workers.count(), most)) {
      networks_.push_back(make());
      auto shared = networks_.back()->parameters();
      for (std::size_t k = 0; k < shared.size(); ++k) shared[k].set_data(weights[k].detach());
    }
  }

  // Splits a batch into one part for each replica (dimension 0): part `i` of a tensor.
  [[nodiscard]] torch::Tensor part(const torch::Tensor& batch, std::size_t i) const {
    return batch.tensor_split(static_cast<std::int64_t>(networks_.size()))[i];
  }

  // Runs add_gradients(replica, i) for each, side by side, and adds all their gradients to those of the
  // network. Gives the sum of what they return.
  torch::Tensor differentiate(const std::function<torch::Tensor(Network&, std::size_t)>& add_gradients) {
    std::vector<torch::Tensor> sums(networks_.size());
    workers_.run(networks_.size(), [&](std::size_t i) { sums[i] = add_gradients(networks_[i], i); });
    const torch::NoGradGuard no_grad;
    auto to = networks_[0]->parameters();
    for (std::size_t i = 1; i < networks_.size(); ++i) {
      auto from = networks_[i]->parameters();
      for (std::size_t k = 0; k < from.size(); ++k) {
        if (from[k].grad().defined()) to[k].mutable_grad().add_(from[k].grad());
        from[k].mutable_grad() = torch::Tensor();
      }
    }
    return torch::stack(sums).sum(0);
  }

 private:
  Workers& workers_;
  std::vector<Network> networks_;
};

}  // namespace vaec::train
