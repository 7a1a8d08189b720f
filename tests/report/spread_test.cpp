#include "model/report/spread.hpp"

#include <gtest/gtest.h>

namespace m3sim::report {
namespace {

TEST(Spread, OfOneLayerByHand) {
  // 10 choices; squares 38; pairs differ by 2 1 3 3 5 2, both ways 32 of 2 * 4 * 10.
  const Spread even = spread(std::vector<int>{2, 0, 3, 5});
  EXPECT_EQ(even.choices, 10);
  EXPECT_EQ(even.active, 3);
  EXPECT_EQ(even.longest, 5);
  EXPECT_EQ(even.effective.value(), 2.631579);
  EXPECT_EQ(even.gini.value(), 0.4);
}

TEST(Spread, OfTheExtremes) {
  EXPECT_EQ(spread(std::vector<int>(16, 8)).effective.value(), 16);
  EXPECT_EQ(spread(std::vector<int>(16, 8)).gini.value(), 0);
  EXPECT_EQ(spread(std::vector<int>{0, 0, 0, 9}).effective.value(), 1);
  EXPECT_EQ(spread(std::vector<int>{0, 0, 0, 9}).gini.value(), 0.75);
  EXPECT_EQ(spread(std::vector<int>{0, 0}).gini.value(), 0);
}

TEST(Spread, OfLayersIsTheirSumOrMean) {
  const Spread even = spread(std::vector<std::vector<int>>{{4, 4}, {8, 0}});
  EXPECT_EQ(even.choices, 16);
  EXPECT_EQ(even.active, 3);
  EXPECT_EQ(even.longest, 8);
  EXPECT_EQ(even.effective.value(), 1.5);
  EXPECT_EQ(even.gini.value(), 0.25);
  EXPECT_EQ(spread(std::vector<std::vector<int>>{}).effective.value(), 0);
}

}  // namespace
}  // namespace m3sim::report
