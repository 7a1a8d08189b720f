// Both executions agree on everything, for random regions.
#include <gtest/gtest.h>

#include <cstdlib>

#include "tests/timing/drive.hpp"
#include "tests/timing/random_region.hpp"

namespace m3sim::test {
namespace {

void expect_equal(const BuiltRegion& a, const BuiltRegion& b) {
  for (std::size_t i = 0; i < a.region.processes().size(); ++i) {
    const auto& p = *a.region.processes()[i];
    const auto& q = *b.region.processes()[i];
    EXPECT_EQ(p.iterations(), q.iterations()) << p.name();
    EXPECT_EQ(p.last_move(), q.last_move()) << p.name();
    EXPECT_EQ(a.fake_writes[i]->bytes, b.fake_writes[i]->bytes) << p.name();
    if (p.running()) continue;
    for (std::size_t c = 0; c < timing::kCauseCount; ++c)
      EXPECT_EQ(p.account()[static_cast<timing::Cause>(c)], q.account()[static_cast<timing::Cause>(c)])
          << p.name() << ' ' << timing::kCauseNames[c];
  }
  for (std::size_t i = 0; i < a.region.streams().size(); ++i) {
    const auto& s = *a.region.streams()[i];
    const auto& t = *b.region.streams()[i];
    EXPECT_EQ(s.items(), t.items()) << s.name();
    EXPECT_EQ(s.high_water(), t.high_water()) << s.name();
    EXPECT_LE(s.high_water(), s.depth()) << s.name();
    if (a.region.running()) continue;
    EXPECT_EQ(s.writer_waited, t.writer_waited) << s.name();
    EXPECT_EQ(s.reader_waited, t.reader_waited) << s.name();
  }
}

TEST(Executions, AgreeOnRandomRegions) {
  const char* count = std::getenv("M3SIM_DRAWS");
  const std::uint64_t draws = count ? std::strtoull(count, nullptr, 10) : 600;
  const char* start = std::getenv("M3SIM_SEED");
  const std::uint64_t first = start ? std::strtoull(start, nullptr, 10) : 1;
  int deadlocks = 0;
  for (std::uint64_t seed = first; seed < first + draws; ++seed) {
    const RegionPlan plan = draw_region(seed);
    BuiltRegion lockstep(plan, seed), decoupled(plan, seed);
    const Outcome a = drive(lockstep.region, Execution::kLockstep);
    const Outcome b = drive(decoupled.region, Execution::kDecoupled);
    EXPECT_EQ(a.ended, b.ended);
    EXPECT_EQ(a.end, b.end);
    EXPECT_EQ(a.last_move, b.last_move);
    expect_equal(lockstep, decoupled);
    if (a.ended)
      for (std::size_t i = 0; i < plan.processes.size(); ++i)
        EXPECT_EQ(lockstep.region.account(i).total(), lockstep.region.ended() - lockstep.region.started());
    else
      ++deadlocks;
    if (HasFailure()) FAIL() << "seed " << seed;
  }
  std::printf("%llu random regions, %d of them deadlock alike, first seed %llu\n",
              static_cast<unsigned long long>(draws), deadlocks, static_cast<unsigned long long>(first));
}

}  // namespace
}  // namespace m3sim::test
