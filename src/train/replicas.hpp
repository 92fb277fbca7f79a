// Data-parallel training: copies of a network that share its weights and have gradients of their own.
#pragma once

#include <algorithm>
#include <functional>
#include <vector>

#include "nn/torch.hpp"
#include "train/launch.hpp"
#include "train/random.hpp"
#include "train/workers.hpp"

namespace vaec::train {

// A batch is cut into small parts, which workers take as they become free: a worker that other programs keep
// off its core delays one part, not half of the batch. Each part has a replica of its own, so that gradients
// are added up in the parts' order: neither the number of workers nor who was first changes a bit of the
// result.
//
// Where several processes train together, each takes as many of the parts; the trainer adds up what they give.
//
// `Network` is a LibTorch module holder. The weights must not be replaced while it lives (set_data), but for
// moments between two calls.
template <typename Network>
class Replicas {
 public:
  // Parts of at most `part` of the batch's pictures, as many for each process of `launch`; the batch must have a picture for
  // each. The first replica is `network` itself, `make` gives others of its sizes; what that draws is taken
  // back, so that their number does not change what is drawn after.
  Replicas(const Network& network, Workers& workers, std::int64_t batch, std::int64_t part,
           const std::function<Network()>& make, const Launch& launch = {})
      : workers_(workers), batch_(batch), networks_{network} {
    const auto whole = [](std::int64_t a, std::int64_t b) { return (a + b - 1) / b; };
    parts_ = std::min(batch, whole(whole(batch, launch.size), part) * launch.size);
    first_ = parts_ * launch.rank / launch.size;
    const auto own = parts_ * (launch.rank + 1) / launch.size - first_;
    const auto weights = network->parameters();
    const auto random = random_state();
    while (static_cast<std::int64_t>(networks_.size()) < own) {
      networks_.push_back(make());
      auto shared = networks_.back()->parameters();
      for (std::size_t k = 0; k < shared.size(); ++k) shared[k].set_data(weights[k].detach());
    }
    set_random_state(random);
  }

  // The first picture of part `i` of the whole batch; of i + 1, its end.
  [[nodiscard]] std::int64_t begin_of(std::size_t i) const {
    return batch_ * static_cast<std::int64_t>(i) / parts_;
  }
  // Part `i` of a tensor over the batch (dimension 0).
  [[nodiscard]] torch::Tensor part(const torch::Tensor& batch, std::size_t i) const {
    return batch.slice(0, begin_of(i), begin_of(i + 1));
  }

  // Runs add_gradients(replica, i) for each part of this process, side by side, and adds all their gradients to
  // those of the network. Gives the sum of what they return.
  torch::Tensor differentiate(const std::function<torch::Tensor(Network&, std::size_t)>& add_gradients) {
    std::vector<torch::Tensor> sums(networks_.size());
    workers_.run(networks_.size(), [&](std::size_t i) {
      sums[i] = add_gradients(networks_[i], static_cast<std::size_t>(first_) + i);
    });
    std::vector<std::vector<torch::Tensor>> weights;
    for (auto& network : networks_) weights.push_back(network->parameters());
    workers_.run(weights[0].size(), [&](std::size_t k) {
      const torch::NoGradGuard no_grad;
      for (std::size_t i = 1; i < weights.size(); ++i) {
        auto& gradient = weights[i][k].mutable_grad();
        if (gradient.defined()) weights[0][k].mutable_grad().add_(gradient);
        gradient = torch::Tensor();
      }
    });
    return torch::stack(sums).sum(0);
  }

 private:
  Workers& workers_;
  std::int64_t batch_, parts_, first_;  // parts of the whole batch; the first of this process
  std::vector<Network> networks_;
};

}  // namespace vaec::train
