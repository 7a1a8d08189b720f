// Both executions and the oracle agree on everything, for random regions.
#include <gtest/gtest.h>

#include <cstdlib>

#include "tests/timing/compare.hpp"
#include "tests/timing/random_region.hpp"

namespace m3sim::test {
namespace {

std::uint64_t number_from(const char* variable, std::uint64_t otherwise) {
  const char* text = std::getenv(variable);
  return text ? std::strtoull(text, nullptr, 10) : otherwise;
}

TEST(Oracle, AgreesWithBothExecutionsOnRandomRegions) {
  const std::uint64_t draws = number_from("M3SIM_DRAWS", 600), first = number_from("M3SIM_SEED", 1);
  int deadlocks = 0;
  for (std::uint64_t seed = first; seed < first + draws; ++seed) {
    const RegionPlan plan = draw_region(seed);
    Comparison comparison(plan);
    ASSERT_EQ(comparison.differences(), "") << "seed " << seed;
    deadlocks += !comparison.solution.ended;
  }
  std::printf("%llu random regions, %d of them deadlock alike, first seed %llu\n",
              static_cast<unsigned long long>(draws), deadlocks,
              static_cast<unsigned long long>(first));
}

}  // namespace
}  // namespace m3sim::test
