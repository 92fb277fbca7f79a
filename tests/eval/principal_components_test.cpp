#include "eval/principal_components.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

namespace vaec::eval {
namespace {

TEST(PrincipalComponents, FindsThePlane) {
  // 5 a + 2 b around (100, -100, 7), with a and b at right angles and a little noise.
  const std::vector<double> a{0.6, 0, -0.8}, b{0.8, 0, 0.6};
  std::mt19937 random(1);
  std::normal_distribution<double> normal;
  std::vector<float> values;
  std::vector<double> along_a;
  for (int i = 0; i < 400; ++i) {
    const double u = 5 * normal(random), v = 2 * normal(random);
    along_a.push_back(u);
    const std::vector<double> mean{100, -100, 7};
    for (std::size_t k = 0; k < 3; ++k)
      values.push_back(static_cast<float>(mean[k] + u * a[k] + v * b[k] + 0.01 * normal(random)));
  }
  const auto view = project_to_plane(values, 3);
  ASSERT_EQ(view.points.size(), 400U);
  EXPECT_NEAR(view.share[0], 25.0 / 29, 0.03);
  EXPECT_NEAR(view.share[0] + view.share[1], 1, 1e-4);
  double sum_x = 0, product = 0, squares = 0, cross = 0;
  for (std::size_t i = 0; i < 400; ++i) {
    sum_x += view.points[i][0];
    product += view.points[i][0] * along_a[i];
    squares += along_a[i] * along_a[i];
    cross += view.points[i][0] * view.points[i][1];
  }
  EXPECT_NEAR(sum_x / 400, 0, 1e-4);
  EXPECT_NEAR(product / squares, -1, 0.02);  // its largest entry, -0.8, is made positive
  EXPECT_NEAR(cross / squares, 0, 1e-3);
}

TEST(PrincipalComponents, WhatHasNoTwoDirectionsHasZeros) {
  const auto same = project_to_plane(std::vector<float>(12, 3.0F), 4);
  for (const auto& [x, y] : same.points) EXPECT_EQ(std::abs(x) + std::abs(y), 0);
  EXPECT_EQ(same.share[0], 0);
  const auto line = project_to_plane(std::vector<float>{1, 2, 4}, 1);
  EXPECT_EQ(line.share[0], 1);
  EXPECT_NEAR(line.points[2][0], 4 - 7.0 / 3, 1e-6);
  EXPECT_TRUE(project_to_plane({}, 4).points.empty());
}

}  // namespace
}  // namespace vaec::eval
