#include "model/golden/math.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace m3sim::golden {
namespace {

TEST(GoldenMath, LayerNormOfARow) {
  Matrix x(1, 4);
  x << 1, 2, 3, 4;  // mean 2.5, variance 1.25
  Vector weight(4);
  weight << 1, 1, 2, 1;
  Vector bias(4);
  bias << 0, 0, 0, 10;
  const double deviation = std::sqrt(1.25 + 1e-6);
  const Matrix y = layer_norm(x, weight, bias);
  EXPECT_DOUBLE_EQ(y(0, 0), -1.5 / deviation);
  EXPECT_DOUBLE_EQ(y(0, 2), 2 * 0.5 / deviation);
  EXPECT_DOUBLE_EQ(y(0, 3), 1.5 / deviation + 10);
  const Matrix stats = layer_norm_stats(x);
  EXPECT_DOUBLE_EQ(stats(0, 0), 2.5);
  EXPECT_DOUBLE_EQ(stats(0, 1), 7.5);
  EXPECT_DOUBLE_EQ(stats(0, 2), 1.25 + 1e-6);
  EXPECT_DOUBLE_EQ(stats(0, 3), 1 / deviation);
}

TEST(GoldenMath, LinearIsRowsTimesWeightRows) {
  Matrix x(2, 3);
  x << 1, 2, 3, 4, 5, 6;
  Matrix weight(2, 3);
  weight << 1, 0, -1, 0.5, 0.5, 0.5;
  Vector bias(2);
  bias << 10, 20;
  Matrix expected(2, 2);
  expected << 8, 23, 8, 27.5;
  EXPECT_EQ(linear(x, weight, bias), expected);
}

// Phi from tables of the normal distribution.
TEST(GoldenMath, GeluIsXTimesPhi) {
  Matrix x(1, 5);
  x << 0, 1, -1, 3, -40;
  gelu(x);
  EXPECT_EQ(x(0, 0), 0);
  EXPECT_NEAR(x(0, 1), 0.8413447460685429, 1e-15);
  EXPECT_NEAR(x(0, 2), -0.15865525393145705, 1e-15);
  EXPECT_NEAR(x(0, 3), 3 * 0.9986501019683699, 1e-14);
  EXPECT_EQ(x(0, 4), -0.0);
}

TEST(GoldenMath, SoftmaxSumsToOneAndDoesNotOverflow) {
  Matrix x(2, 3);
  x << 0, std::log(2.0), std::log(5.0), 1000, 1000, -1000;
  const Softmax result = softmax(x);
  EXPECT_DOUBLE_EQ(result.probabilities(0, 0), 1.0 / 8);
  EXPECT_DOUBLE_EQ(result.probabilities(0, 2), 5.0 / 8);
  EXPECT_DOUBLE_EQ(result.stats(0, 0), 8.0 / 5);
  EXPECT_DOUBLE_EQ(result.stats(0, 1), std::log(5.0));
  EXPECT_DOUBLE_EQ(result.probabilities(1, 1), 0.5);
  EXPECT_EQ(result.probabilities(1, 2), 0);
}

}  // namespace
}  // namespace m3sim::golden
