#include "model/explore/search.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "model/explore/pareto.hpp"

namespace m3sim::explore {
namespace {

using testing::ElementsAre;

std::vector<Axis> axes(std::size_t count, std::size_t values) {
  return std::vector<Axis>(count, {"key", std::vector<std::string>(values, "v")});
}

/// Zitzler's ZDT1 on a grid of 30^4 = 810,000 points: its front is where all but the first are 0.
Evaluation zdt1(const Choice& choice, std::size_t least = 0) {
  constexpr double kLast = 29;
  double others = 0;
  for (std::size_t a = 1; a < choice.size(); ++a) others += static_cast<double>(choice[a]) / kLast;
  const double f = static_cast<double>(choice[0]) / kLast;
  const double g = 1 + 9 * others / static_cast<double>(choice.size() - 1);
  return {choice, {f, g * (1 - std::sqrt(f / g))}, choice[0] >= least};
}

std::vector<Evaluation> run(std::size_t count, std::uint64_t seed, std::size_t least = 0) {
  const std::vector<Axis> space = axes(4, 30);
  Nsga2 search(space, 40, seed);
  std::vector<Evaluation> all;
  for (;;) {
    std::vector<Evaluation> generation;
    for (const Choice& choice : search.ask(count - all.size())) {
      generation.push_back(zdt1(choice, least));
    }
    if (generation.empty()) return all;
    search.tell(generation);
    all.insert(all.end(), generation.begin(), generation.end());
  }
}

std::size_t found_of_the_front(const std::vector<Evaluation>& all) {
  std::set<std::size_t> found;
  for (const Evaluation& e : all) {
    if (e.feasible && e.choice[1] + e.choice[2] + e.choice[3] == 0) found.insert(e.choice[0]);
  }
  return found.size();
}

TEST(Nsga2, FindsAKnownFrontInAThousandthOfTheSpace) {
  for (const std::uint64_t seed : {1u, 2u, 3u}) {
    const std::vector<Evaluation> all = run(800, seed);
    EXPECT_EQ(all.size(), 800u);
    // 800 points drawn alike would hit the front 0.03 times.
    EXPECT_GE(found_of_the_front(all), 24u) << "seed " << seed << ", of 30";
  }
}

TEST(Nsga2, KeepsToTheFeasiblePoints) {
  const std::vector<Evaluation> all = run(800, 1, 20);  // 10 of the front's 30 remain
  EXPECT_EQ(found_of_the_front(all), 10u);
}

TEST(Nsga2, AsksForNewPointsOnlyAndTheSameAgain) {
  const std::vector<Evaluation> all = run(300, 7), again = run(300, 7);
  std::set<Choice> different;
  for (std::size_t i = 0; i < all.size(); ++i) {
    different.insert(all[i].choice);
    EXPECT_EQ(all[i].choice, again[i].choice);
  }
  EXPECT_EQ(different.size(), 300u);
}

TEST(Nsga2, EndsWhereTheSpaceEnds) {
  const std::vector<Axis> space = axes(2, 3);
  Nsga2 search(space, 4, 1);
  std::size_t asked = 0;
  for (std::vector<Choice> round; !(round = search.ask(100)).empty(); asked += round.size()) {
    std::vector<Evaluation> generation;
    for (const Choice& choice : round) generation.push_back(zdt1(choice));
    search.tell(generation);
  }
  EXPECT_EQ(asked, 9u);
}

TEST(DominationRanks, FeasibleBeforeInfeasibleBeforeFailed) {
  EXPECT_THAT(domination_ranks({{{}, {1, 4}, true},
                                {{}, {2, 2}, true},
                                {{}, {2, 5}, true},
                                {{}, {0, 0}, false},
                                {{}, {}, false}}),
              ElementsAre(0, 0, 1, 2, 3));
}

TEST(Crowding, IsTheSpanOfTheNeighboursAndInfiniteAtTheEnds) {
  const double infinity = std::numeric_limits<double>::infinity();
  // 0 4 10 and 8 2 0: (10 - 0) / 10 + (8 - 0) / 8.
  EXPECT_THAT(crowding({{10, 0}, {0, 8}, {4, 2}}), ElementsAre(infinity, infinity, 2));
  EXPECT_THAT(crowding({{1, 1}}), ElementsAre(infinity));
}

}  // namespace
}  // namespace m3sim::explore
