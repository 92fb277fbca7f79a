#include "train/process_group.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "failure.hpp"
#include "free_port.hpp"

namespace vaec::train {
namespace {

using namespace std::chrono_literals;

// What `act` does as each of `size` processes: threads here, each with a connection of its own.
void as_each(int size, const std::function<void(const Launch&)>& act) {
  Launch launch;
  launch.size = size;
  launch.address = "127.0.0.1";
  launch.port = free_port();
  std::vector<std::thread> threads;
  for (int rank = 0; rank < size; ++rank) {
    launch.rank = rank;
    threads.emplace_back([launch, &act] { act(launch); });
  }
  for (auto& thread : threads) thread.join();
}

TEST(ProcessGroup, OfOneGivesWhatItGets) {
  auto group = join({}, torch::kCPU);
  EXPECT_EQ(group->rank(), 0);
  EXPECT_EQ(group->size(), 1);
  auto x = torch::tensor({2.0F});
  group->sum(x);
  group->broadcast(x);
  EXPECT_EQ(x.item<float>(), 2);
}

class ProcessGroups : public testing::Test {
 protected:
  void SetUp() override {
#ifndef VAEC_HAS_GLOO
    GTEST_SKIP() << "built without c10d over Gloo";
#endif
  }
};

TEST_F(ProcessGroups, SumAndBroadcastInAllProcesses) {
  std::vector<torch::Tensor> sums(3), of_rank_0(3);
  as_each(3, [&](const Launch& launch) {
    const auto group = join(launch, torch::kCPU);
    const auto rank = static_cast<float>(launch.rank);
    auto x = torch::tensor({{1.0F, rank}, {0.1F * rank, rank * rank}}).t();  // not contiguous
    group->sum(x);
    auto y = torch::full({2}, launch.rank + 5, torch::kInt64);
    group->broadcast(y);
    sums[static_cast<std::size_t>(launch.rank)] = x;
    of_rank_0[static_cast<std::size_t>(launch.rank)] = y;
  });
  for (const auto& sum : sums) {
    EXPECT_TRUE(torch::allclose(sum, torch::tensor({{3.0F, 3.0F}, {0.3F, 5.0F}}).t())) << sum;
    EXPECT_TRUE(torch::equal(sum, sums[0]));
  }
  for (const auto& value : of_rank_0) EXPECT_TRUE(torch::equal(value, torch::full({2}, 5, torch::kInt64)));
}

TEST_F(ProcessGroups, WhoGivesUpTellsTheOthersWhy) {
  std::vector<std::string> said(3);
  as_each(3, [&](const Launch& launch) {
    const auto group = join(launch, torch::kCPU);
    if (launch.rank == 1) {
      group->give_up(Error(ErrorCode::kUnreadable, "no such picture"));
      return;
    }
    auto x = torch::ones({1});
    try {
      group->sum(x);
      said[static_cast<std::size_t>(launch.rank)] = "a sum without rank 1";
    } catch (const GroupBroken& broken) {
      const auto why = group->verdict(broken);
      EXPECT_EQ(why.code(), ErrorCode::kUnreadable);
      said[static_cast<std::size_t>(launch.rank)] = why.what();
    }
  });
  for (const int rank : {0, 2}) {
    const auto& text = said[static_cast<std::size_t>(rank)];
    EXPECT_NE(text.find("rank 1 of 3 ("), std::string::npos) << text;
    EXPECT_NE(text.find("no such picture"), std::string::npos) << text;
  }
}

TEST_F(ProcessGroups, NamesWhoDidNotCome) {
  as_each(3, [](const Launch& launch) {
    if (launch.rank == 1) return;
    const auto said =
        failure(ErrorCode::kUsage, [&] { static_cast<void>(join(launch, torch::kCPU, 500ms)); });
    EXPECT_NE(said.find("did not come: 1"), std::string::npos) << said;
  });
}

TEST_F(ProcessGroups, RefusesARankTwiceAndSizesThatDiffer) {
  const auto refused = [](const Launch& launch, const std::string& why) {
    const auto said = failure(ErrorCode::kUsage, [&] { static_cast<void>(join(launch, torch::kCPU, 20s)); });
    EXPECT_NE(said.find(why), std::string::npos) << said;
  };
  as_each(2, [&](Launch launch) {
    if (launch.rank == 1) launch.size = 3;
    refused(launch, "give all the same size");
  });
  as_each(3, [&](Launch launch) {
    if (launch.rank == 2) launch.rank = 1;
    refused(launch, "two processes have rank 1");
  });
}

}  // namespace
}  // namespace vaec::train
