#include "model/explore/pareto.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <random>

namespace m3sim::explore {
namespace {

using testing::ElementsAre;

TEST(Pareto, KeepsWhatNothingDominates) {
  EXPECT_THAT(pareto_front({{3, 1}, {1, 3}, {2, 2}, {3, 3}, {2, 3}}), ElementsAre(1, 2, 0));
  EXPECT_THAT(pareto_front({}), ElementsAre());
}

TEST(Pareto, KeepsPointsAlikeAndDropsThoseWithoutAnObjective) {
  constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
  EXPECT_THAT(pareto_front({{1, 1}, {0, kNone}, {1, 1}, {1, 2}}), ElementsAre(0, 2));
}

TEST(Pareto, AgreesWithTheDefinitionOnRandomPoints) {
  std::mt19937_64 random(1);
  std::vector<std::vector<double>> points(200, std::vector<double>(3));
  for (auto& point : points) {
    for (double& value : point) value = static_cast<double>(random() % 12);
  }
  const std::vector<std::size_t> front = pareto_front(points);
  for (std::size_t i = 0; i < points.size(); ++i) {
    const bool dominated = std::any_of(points.begin(), points.end(), [&](const auto& other) {
      return other != points[i] && other[0] <= points[i][0] && other[1] <= points[i][1] &&
             other[2] <= points[i][2];
    });
    EXPECT_EQ(std::count(front.begin(), front.end(), i), dominated ? 0 : 1) << i;
  }
}

}  // namespace
}  // namespace m3sim::explore
