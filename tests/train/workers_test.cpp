#include "train/workers.hpp"

#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <stdexcept>
#include <system_error>
#include <thread>
#include <vector>

#include "nn/torch.hpp"
#include "train/replicas.hpp"

namespace vaec::train {
namespace {

TEST(Workers, RunEveryJobOnce) {
  for (const int count : {1, 3}) {
    Workers workers(count);
    std::vector<std::atomic<int>> runs(20);
    workers.run(runs.size(), [&](std::size_t i) { ++runs[i]; });
    for (const auto& n : runs) EXPECT_EQ(n, 1);
  }
}

// Each job waits until the other has begun: one after the other they would never end.
TEST(Workers, ComputeSideBySideEachOnOneThread) {
  Workers workers(2);
  std::atomic<int> begun = 0;
  std::array<int, 2> threads{};
  workers.run(2, [&](std::size_t i) {
    ++begun;
    while (begun < 2) std::this_thread::yield();
    threads[i] = at::get_num_threads();
  });
  EXPECT_EQ(threads, (std::array<int, 2>{1, 1}));
}

TEST(Workers, PassOnWhatWasThrownAndGoOn) {
  for (const int count : {1, 2}) {
    Workers workers(count);
    EXPECT_THROW(workers.run(3,
                             [](std::size_t i) {
                               if (i == 1) throw std::runtime_error("one");
                             }),
                 std::runtime_error);
    int runs = 0;
    workers.run(1, [&](std::size_t) { ++runs; });
    EXPECT_EQ(runs, 1);
  }
}

TEST(Workers, DoAllWithTheThreadsThatThereAre) {
  for (int most = 0; most <= 3; ++most) {
    int started = 0;
    Workers workers(3, [&](std::function<void()> work) {
      if (started++ < most) return base::start_thread(std::move(work));
      throw std::system_error(std::make_error_code(std::errc::resource_unavailable_try_again));
    });
    std::vector<std::atomic<int>> runs(20);
    workers.run(runs.size(), [&](std::size_t i) { ++runs[i]; });
    for (const auto& n : runs) EXPECT_EQ(n, 1);
    EXPECT_EQ(workers.count(), 3);
  }
}

// Parts of 5 pictures on 3 replicas give the gradient that the whole batch gives at once.
TEST(Replicas, AddUpToTheGradientOfTheWholeBatch) {
  torch::manual_seed(3);
  const auto make = [] { return torch::nn::Linear(4, 2); };
  torch::nn::Linear network = make(), alone = make();
  {
    const torch::NoGradGuard no_grad;
    alone->weight.copy_(network->weight);
    alone->bias.copy_(network->bias);
  }
  const auto x = torch::randn({5, 4});
  Workers workers(3);
  Replicas<torch::nn::Linear> replicas(network, workers, 5, 2, make);
  for (int step = 0; step < 2; ++step) {  // the second with weights that a step has changed
    network->zero_grad();
    alone->zero_grad();
    const auto sum = replicas.differentiate([&](torch::nn::Linear& replica, std::size_t i) {
      const auto loss = replica(replicas.part(x, i)).square().sum();
      loss.backward();
      return loss.detach();
    });
    const auto loss = alone(x).square().sum();
    loss.backward();
    EXPECT_NEAR(sum.item<double>(), loss.item<double>(), 1e-4);
    EXPECT_TRUE(torch::allclose(network->weight.grad(), alone->weight.grad(), 1e-4, 1e-5));
    EXPECT_TRUE(torch::allclose(network->bias.grad(), alone->bias.grad(), 1e-4, 1e-5));
    const torch::NoGradGuard no_grad;
    network->weight.sub_(network->weight.grad(), 0.1);
    alone->weight.sub_(alone->weight.grad(), 0.1);
    network->bias.sub_(network->bias.grad(), 0.1);
    alone->bias.sub_(alone->bias.grad(), 0.1);
  }
}

}  // namespace
}  // namespace vaec::train
