#include "train/crops.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace vaec::train {
namespace {

// uint8 [height, width, 3]: grows to the right and downwards.
torch::Tensor ramp(std::int64_t height, std::int64_t width) {
  const auto rows = torch::arange(height).view({height, 1, 1}),
             columns = torch::arange(width).view({1, width, 1});
  return (rows + columns).expand({height, width, 3}).to(torch::kUInt8).contiguous();
}

// Sample (channel 0) of a crop, in 0..255.
double at(const torch::Tensor& crops, int row, int column) {
  return crops.index({0, 0, row, column}).item<double>() * 255;
}

TEST(CropSampler, CutsWhatStandsThere) {
  const CropSampler sampler({ramp(80, 100)}, 64, 0);
  const std::vector<Crop> crops = {{.image = 0, .top = 3, .left = 5, .flipped = false},
                                   {.image = 0, .top = 3, .left = 5, .flipped = true}};
  const auto cut = sampler.cut(crops);
  EXPECT_EQ(cut.sizes(), (std::vector<std::int64_t>{2, 3, 64, 64}));
  EXPECT_NEAR(at(cut, 0, 0), 8, 1e-4);
  EXPECT_NEAR(at(cut, 10, 20), 38, 1e-4);
  EXPECT_TRUE(torch::equal(cut[0].flip({2}), cut[1]));
}

TEST(CropSampler, HalvesByMeans) {
  const CropSampler sampler({ramp(128, 128)}, 64, 0);
  const auto cut = sampler.cut(std::vector<Crop>{{.scale = 0.5}});
  EXPECT_NEAR(at(cut, 0, 0), 1, 1e-4);
  EXPECT_NEAR(at(cut, 10, 20), 2 * 30 + 1, 1e-4);
}

// A cubic convolution keeps straight lines: the ramp is less steep, and begins where the crop does.
TEST(CropSampler, EnlargesWithoutShifting) {
  const CropSampler sampler({ramp(120, 120)}, 64, 1);
  for (const double scale : {1.25, 2.0, 3.0}) {
    const Crop crop{.image = 0, .top = 10.25, .left = 20.5, .scale = scale};
    const auto cut = sampler.cut(std::vector<Crop>{crop});
    ASSERT_EQ(cut.sizes(), (std::vector<std::int64_t>{1, 3, 64, 64}));
    for (const int i : {0, 31, 63}) {
      const double expected = crop.top + crop.left + 2 * ((i + 0.5) / scale - 0.5);
      EXPECT_NEAR(at(cut, i, i), expected, 0.51) << "scale " << scale << ", " << i;  // it is rounded
    }
  }
}

TEST(CropSampler, EnlargesUpToTheEdges) {
  const auto flat = torch::full({64, 70, 3}, 200, torch::kUInt8);
  const CropSampler sampler({flat}, 64, 1);
  const double bottom = 64 - 64 / 3.0, right = 70 - 64 / 3.0;
  const auto cut = sampler.cut(std::vector<Crop>{{.scale = 3}, {.top = bottom, .left = right, .scale = 3}});
  EXPECT_TRUE(torch::allclose(cut, torch::full_like(cut, 200.0 / 255)));
}

// The memory is the images' own, however small they are: what is beyond an edge is found when it is cut.
TEST(CropSampler, MirrorsSmallImagesWhereTheyAreCut) {
  torch::manual_seed(2);
  const auto small = torch::randint(256, {30, 70, 3}, torch::kUInt8);
  auto mirrored = small;  // until each side has 64 pixels
  mirrored = torch::cat({mirrored, mirrored.flip({0})}, 0);
  mirrored = torch::cat({mirrored, mirrored.flip({0})}, 0);
  const auto references = small.use_count();
  const CropSampler sampler({small}, 64, 0.5), of_mirrored({mirrored}, 64, 0.5);
  EXPECT_GT(small.use_count(), references);
  torch::manual_seed(3);
  const auto crops = sampler.choose(40);
  const auto patches = sampler.patches(9, 16);
  torch::manual_seed(3);
  const auto expected = of_mirrored.choose(40);
  EXPECT_TRUE(torch::equal(patches, of_mirrored.patches(9, 16)));
  for (std::size_t i = 0; i < crops.size(); ++i) {
    EXPECT_EQ(crops[i].top, expected[i].top);
    EXPECT_EQ(crops[i].left, expected[i].left);
  }
  EXPECT_TRUE(torch::equal(sampler.cut(crops), of_mirrored.cut(expected)));
}

TEST(CropSampler, DrawsTheSharesThatItPromises) {
  torch::manual_seed(1);
  const CropSampler sampler({ramp(200, 300), ramp(200, 100)}, 64, 1.0 / 3);
  constexpr int kCount = 3000;
  int enlarged = 0, halved = 0, flipped = 0, first = 0;
  for (const auto& crop : sampler.choose(kCount)) {
    enlarged += crop.scale > 1;
    halved += crop.scale < 1;
    flipped += crop.flipped;
    first += crop.image == 0;
    const double side = 64 / crop.scale, width = crop.image == 0 ? 300 : 100;
    ASSERT_GE(crop.top, 0);
    ASSERT_LE(crop.top + side, 200 + 1e-9);
    ASSERT_GE(crop.left, 0);
    ASSERT_LE(crop.left + side, width + 1e-9);
    if (crop.scale > 1) {
      ASSERT_GE(crop.scale, 1.25);
      ASSERT_LE(crop.scale, 3);
    }
  }
  const auto share = [](int count) { return static_cast<double>(count) / kCount; };
  EXPECT_NEAR(share(enlarged), 1.0 / 3, 0.03);
  EXPECT_NEAR(share(halved), 2.0 / 3 * 0.25 * 0.75, 0.03);  // the second picture is too small for it
  EXPECT_NEAR(share(flipped), 0.5, 0.03);
  EXPECT_NEAR(share(first), 0.75, 0.03);
}

}  // namespace
}  // namespace vaec::train
