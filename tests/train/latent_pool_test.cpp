#include "train/latent_pool.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "base/interrupt.hpp"
#include "failure.hpp"
#include "stop_request.hpp"
#include "vaec/error.hpp"

namespace vaec::train {
namespace {

// Cells of 16x16 pixels, as three channels that 16 bits do not hold exactly.
torch::Tensor means_of_cells(const torch::Tensor& x) { return torch::avg_pool2d(x, 16) * 77; }

CropSampler sampler_of_noise() {
  torch::manual_seed(5);
  return {{torch::randint(0, 256, {160, 200, 3}, torch::kUInt8)}, 64, 0.3};
}

TEST(LatentPool, HoldsWhatTheAnalysisMakesOfTheCropsThatWereDrawn) {
  const auto sampler = sampler_of_noise();
  for (const int count : {1, 2}) {
    Workers workers(count);
    torch::manual_seed(9);
    const LatentPool pool(sampler, 40, means_of_cells, workers, false);
    torch::manual_seed(9);
    const auto expected = means_of_cells(sampler.cut(sampler.choose(40)));
    ASSERT_EQ(pool.windows(), 40);
    const auto all = pool.at(torch::arange(40));
    EXPECT_EQ(all.scalar_type(), torch::kFloat32);
    EXPECT_TRUE(all.is_contiguous(at::MemoryFormat::ChannelsLast));
    EXPECT_TRUE(torch::equal(all, expected.to(torch::kHalf).to(torch::kFloat32))) << count << " workers";
    EXPECT_TRUE(torch::allclose(all, expected, 1.0 / 2048, 0));
    EXPECT_TRUE(torch::equal(pool.at(torch::tensor({7, 0, 7})), torch::stack({all[7], all[0], all[7]})));
  }
  at::set_num_threads(1);
}

TEST(LatentPool, DrawsFromAllOfThem) {
  Workers workers(1);
  const LatentPool pool(sampler_of_noise(), 5, means_of_cells, workers, false);
  const auto drawn = pool.choose(200);
  EXPECT_EQ(drawn.size(0), 200);
  EXPECT_EQ(drawn.min().item<std::int64_t>(), 0);
  EXPECT_EQ(drawn.max().item<std::int64_t>(), 4);
  EXPECT_EQ(std::get<0>(at::_unique(drawn)).numel(), 5);
}

TEST(LatentPool, HasAsManyPixelsAsTheDataUpToItsLimit) {
  EXPECT_EQ(LatentPool::windows_for(512 * 512, 512, 320), 1);
  EXPECT_EQ(LatentPool::windows_for(512 * 512 + 1, 512, 320), 2);
  EXPECT_EQ(LatentPool::windows_for(10, 64, 12), 1);
  const auto most = LatentPool::windows_for(std::int64_t{1} << 40, 512, 320);
  const std::int64_t bytes = 32 * 32 * 320 * 2;
  EXPECT_LE(most * bytes, LatentPool::kMaxBytes);
  EXPECT_GT((most + 1) * bytes, LatentPool::kMaxBytes);
}

TEST(LatentPool, StopsWhenAsked) {
  const auto sampler = sampler_of_noise();
  Workers workers(1);
  base::request_stop();
  const auto make = [&] { const LatentPool pool(sampler, 3, means_of_cells, workers, false); };
  EXPECT_NE(failure(ErrorCode::kInterrupted, make), "");
  clear_stop_request();
}

}  // namespace
}  // namespace vaec::train
