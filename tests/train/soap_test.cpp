#include "train/soap.hpp"

#include <gtest/gtest.h>
#include <torch/optim/adam.h>

#include "vaec/error.hpp"

namespace vaec::train {
namespace {

torch::Tensor weight(std::int64_t out, std::int64_t in, std::int64_t k) {
  return torch::randn({out, in, k, k}).contiguous(at::MemoryFormat::ChannelsLast).requires_grad_();
}

// |A W B - C|^2 with badly conditioned A and B: what a layer between two others looks like.
struct Problem {
  Problem() {
    torch::manual_seed(5);
    const auto stretched = [](std::int64_t n) {
      const auto q = std::get<0>(torch::linalg_qr(torch::randn({n, n})));
      return torch::matmul(q * torch::logspace(0, -2, n),
                           std::get<0>(torch::linalg_qr(torch::randn({n, n}))));
    };
    a = stretched(24);
    b = stretched(16);
    c = torch::matmul(torch::matmul(a, torch::randn({24, 16})), b);
  }
  [[nodiscard]] torch::Tensor loss(const torch::Tensor& w) const {
    return (torch::matmul(torch::matmul(a, w.reshape({24, 16})), b) - c).square().sum();
  }
  torch::Tensor a, b, c;
};

TEST(Soap, FindsWhatAdamIsStillFarFrom) {
  Workers workers(1);
  const Problem problem;
  const auto start = weight(24, 16, 1);
  auto w = start.detach().clone().requires_grad_(), v = start.detach().clone().requires_grad_();
  Soap soap({{{w}, 0.03}});
  torch::optim::Adam adam({v}, torch::optim::AdamOptions(0.03).betas({0.95, 0.95}));
  for (int i = 0; i < 300; ++i) {
    w.mutable_grad() = torch::Tensor();
    problem.loss(w).backward();
    soap.step(workers);
    adam.zero_grad();
    problem.loss(v).backward();
    adam.step();
  }
  EXPECT_LT(problem.loss(w).item<double>(), 0.5 * problem.loss(v).item<double>());
}

TEST(Soap, IsAdamForWhatIsNoConvolution) {
  Workers workers(1);
  torch::manual_seed(6);
  const auto start = torch::randn({3, 5}), target = torch::randn({3, 5});
  auto w = start.clone().requires_grad_(), v = start.clone().requires_grad_();
  Soap soap({{{w}, 0.01}});
  torch::optim::Adam adam({v}, torch::optim::AdamOptions(0.01).betas({0.95, 0.95}));
  for (int i = 0; i < 20; ++i) {
    w.mutable_grad() = torch::Tensor();
    (w - target).square().sum().backward();
    soap.step(workers);
    adam.zero_grad();
    (v - target).square().sum().backward();
    adam.step();
  }
  EXPECT_LT((w - v).abs().max().item<double>(), 1e-5);
  EXPECT_GT((w - start).abs().min().item<double>(), 0.05);
}

TEST(Soap, GoesOnFromItsStateExactly) {
  Workers workers(1);
  torch::manual_seed(7);
  auto w = weight(6, 4, 3);
  Soap first({{{w}, 0.01}});
  const auto step = [&](Soap& soap, torch::Tensor& at) {
    at.mutable_grad() = torch::Tensor();
    (at - 1).pow(4).sum().backward();
    soap.step(workers);
  };
  for (int i = 0; i < 13; ++i) step(first, w);
  auto copy = w.detach().clone(at::MemoryFormat::Preserve).requires_grad_();
  Soap second({{{copy}, 0.01}});
  second.load_state(first.state());
  for (int i = 0; i < 13; ++i) {
    step(first, w);
    step(second, copy);
  }
  EXPECT_TRUE(torch::equal(w, copy));
}

TEST(Soap, StepsAlikeWithAnyNumberOfWorkers) {
  std::vector<torch::Tensor> results;
  for (const int count : {1, 3}) {
    Workers workers(count);
    torch::manual_seed(7);
    auto a = weight(6, 4, 3), b = weight(8, 6, 1);
    Soap soap({{{a}, 0.01}, {{b}, 0.02}});
    for (int i = 0; i < 13; ++i) {
      a.mutable_grad() = b.mutable_grad() = torch::Tensor();
      ((a - 1).pow(4).sum() + (b + 1).pow(4).sum()).backward();
      soap.step(workers);
    }
    results.insert(results.end(), {a, b});
  }
  EXPECT_TRUE(torch::equal(results[0], results[2]));
  EXPECT_TRUE(torch::equal(results[1], results[3]));
}

TEST(Soap, LeavesWhatHasNoGradient) {
  Workers workers(1);
  auto w = weight(4, 4, 1);
  const auto before = w.detach().clone();
  Soap soap({{{w}, 1.0}});
  soap.step(workers);
  EXPECT_TRUE(torch::equal(w, before));
}

// What gather() learns is what steps of no length learn; it moves nothing.
TEST(Soap, GathersAsStepsOfNoLengthWould) {
  Workers workers(1);
  torch::manual_seed(8);
  auto gathering = weight(6, 4, 3), stepping = gathering.detach().clone().requires_grad_();
  const auto start = gathering.detach().clone();
  Soap gatherer({{{gathering}, 0.01}}), stepper({{{stepping}, 0.0}});
  for (int i = 0; i < 13; ++i) {
    const auto gradient = torch::randn({6, 4, 3, 3});
    gathering.mutable_grad() = gradient.clone();
    stepping.mutable_grad() = gradient.clone();
    gatherer.gather(workers);
    stepper.step(workers);
  }
  EXPECT_TRUE(torch::equal(gathering, start));
  const auto gathered = gatherer.state(), stepped = stepper.state();
  ASSERT_EQ(gathered.size(), stepped.size());
  for (std::size_t i = 0; i < gathered.size(); ++i) EXPECT_TRUE(torch::equal(gathered[i], stepped[i])) << i;
  gatherer.step(workers);
  EXPECT_FALSE(torch::equal(gathering, start));
}

TEST(Soap, RefusesTheStateOfOtherShapes) {
  Soap a({{{weight(4, 4, 3)}, 0.1}}), b({{{weight(4, 5, 3)}, 0.1}});
  EXPECT_THROW(a.load_state(b.state()), Error);
  EXPECT_THROW(a.load_state({}), Error);
}

}  // namespace
}  // namespace vaec::train
