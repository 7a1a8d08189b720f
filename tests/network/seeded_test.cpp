#include "model/network/seeded.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "model/config/error.hpp"

namespace m3sim {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

// First outputs of the generator's reference implementation for state 1234567.
TEST(SplitMix64, GivesItsPublishedNumbers) {
  SplitMix64 generator(1234567);
  EXPECT_EQ(generator.next(), 6457827717110365317u);
  EXPECT_EQ(generator.next(), 3203168211198807973u);
  EXPECT_EQ(generator.next(), 9817491932198370423u);
}

TEST(SplitMix64, SkipsAsIfDrawn) {
  SplitMix64 drawn(7);
  for (int i = 0; i < 5; ++i) drawn.next();
  SplitMix64 skipped(7);
  skipped.skip(5);
  EXPECT_EQ(skipped.next(), drawn.next());
}

TEST(SplitMix64, StaysBelowItsBoundAndReachesAll) {
  SplitMix64 generator(3);
  std::vector<int> seen(5, 0);
  for (int i = 0; i < 1000; ++i) ++seen.at(generator.below(5));
  for (const int count : seen) EXPECT_GT(count, 100);
  EXPECT_EQ(generator.below(1), 0u);
}

// Layer 1, matrix 0 of the published stage tensors' manifest.
TEST(SeededValues, AreThoseOfThePublishedStageTensors) {
  EXPECT_THAT(seeded_values({0, 0, 0}, 0, 1, 0, 8),
              ElementsAre(-208, 946, -45, 177, 256, 36, 333, -201));
  EXPECT_THAT(seeded_values({0, 0, 0}, 0, 1, 6, 2), ElementsAre(333, -201));
}

TEST(SeededValues, ScaleAndCentre) {
  EXPECT_THAT(seeded_values({0, 2, 0}, 0, 1, 0, 2), ElementsAre(-832, 3784));
  EXPECT_THAT(seeded_values({0, -3, 2048}, 0, 1, 0, 3), ElementsAre(2022, 2166, 2042));
}

TEST(SeededValues, StateIsSeedLayerTag) {
  EXPECT_EQ(seeded_values({3, 0, 0}, 2, 5, 0, 4),
            seeded_values({3 + 256 * 5 + 65536 * 2, 0, 0}, 0, 0, 0, 4));
}

TEST(Seed, IsParsed) {
  EXPECT_EQ(parse_seed("seed:0", "--weights"), 0u);
  EXPECT_EQ(parse_seed("seed:18446744073709551615", "--weights"), 18446744073709551615u);
  for (const char* bad :
       {"seed:", "seed:x", "seed:-1", "seed:1x", "7", "", "seed:18446744073709551616"}) {
    EXPECT_THAT([&] { parse_seed(bad, "--fill-missing"); },
                ThrowsMessage<UsageError>(HasSubstr("--fill-missing")))
        << bad;
  }
}

}  // namespace
}  // namespace m3sim
