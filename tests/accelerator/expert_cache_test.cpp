// The cache of whole experts, use by use.
#include "model/accelerator/expert_cache.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <vector>

namespace m3sim {
namespace {

struct Use {
  int layer, expert, slot;
  bool hit;
};

void expect_uses(ExpertCache cache, const std::vector<Use>& uses) {
  for (std::size_t i = 0; i < uses.size(); ++i) {
    const ExpertCache::Place place = cache.use(uses[i].layer, uses[i].expert);
    EXPECT_EQ(place.slot, uses[i].slot) << "use " << i;
    EXPECT_EQ(place.hit, uses[i].hit) << "use " << i;
  }
}

TEST(ExpertCache, WithoutAPolicyNothingIsKept) {
  expect_uses(ExpertCache("none", 4), {{1, 0, -1, false}, {1, 0, -1, false}});
}

TEST(ExpertCache, LruReplacesTheExpertUsedLongestAgo) {
  expect_uses(ExpertCache("lru", 2), {{1, 5, 0, false},
                                      {1, 7, 1, false},
                                      {1, 5, 0, true},
                                      {1, 9, 1, false},  // 7 was used before 5
                                      {1, 5, 0, true},
                                      {1, 7, 1, false},
                                      {1, 9, 0, false}});
}

TEST(ExpertCache, AnExpertOfAnotherLayerIsAnotherExpert) {
  expect_uses(ExpertCache("lru", 2), {{1, 5, 0, false}, {3, 5, 1, false}, {1, 5, 0, true}});
}

TEST(ExpertCache, PinnedKeepsTheFirstExpertsOfALayerAndNoOther) {
  expect_uses(ExpertCache("pinned", 2), {{1, 1, 1, false},
                                         {1, 2, -1, false},
                                         {1, 1, 1, true},
                                         {1, 2, -1, false},
                                         {3, 1, 1, false},
                                         {3, 1, 1, true}});
}

/// Of uniform draws with replacement an LRU cache of C in E experts misses 1 - C / E, a pinned one,
/// too; a token's experts differ from each other, which costs the LRU hits and the pinned cache none.
TEST(ExpertCache, TokensThatTakeFourOfSixteenExpertsMissALruOfFourMoreOftenThanAPinnedOne) {
  std::uint64_t state = 1;
  const auto below = [&state](int n) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return static_cast<int>((state >> 33) % static_cast<unsigned>(n));
  };
  ExpertCache lru("lru", 4), pinned("pinned", 4);
  int uses = 0, lru_misses = 0, pinned_misses = 0;
  for (int token = 0; token < 20000; ++token) {
    std::vector<int> experts;
    while (experts.size() < 4) {
      const int expert = below(16);
      if (std::find(experts.begin(), experts.end(), expert) == experts.end())
        experts.push_back(expert);
    }
    std::sort(experts.begin(), experts.end());
    for (const int expert : experts) {
      ++uses;
      lru_misses += !lru.use(1, expert).hit;
      pinned_misses += !pinned.use(1, expert).hit;
    }
  }
  EXPECT_NEAR(100.0 * pinned_misses / uses, 75.0, 0.5);
  EXPECT_NEAR(100.0 * lru_misses / uses, 81.0, 0.5);
}

}  // namespace
}  // namespace m3sim
