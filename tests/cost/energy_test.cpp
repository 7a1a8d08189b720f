#include "model/cost/energy.hpp"

#include <gtest/gtest.h>

#include <random>

namespace m3sim::cost {
namespace {

using timing::Activity;
using timing::Event;

const EnergyTable& board() {
  static const EnergyTable table = EnergyTable::read("energy/zcu102.csv");
  return table;
}

TEST(Energy, EventsAreCountsTimesTheirRow) {
  Activity activity;
  activity[Event::kMultiply32x16] = 1000;
  activity[Event::kAdd] = 10;
  activity[Event::kBufferReadBits] = 256;
  const Energy energy = event_energy(board(), activity);
  EXPECT_EQ(energy[Component::kCompute], 1000 * 3300 + 10 * 280);
  EXPECT_EQ(energy[Component::kOnchipMemory], 256 * 165);
  EXPECT_EQ(energy.total(), 1000 * 3300 + 10 * 280 + 256 * 165);
}

TEST(Energy, PowersCountForTheTimeTheyAreOn) {
  // One second of a 300 MHz clock: 0.7 W and 2.7 W are 0.7 J and 2.7 J, the clock 2.5 nJ a cycle.
  const Energy energy = time_energy(board(), 300'000'000, 300'000'000);
  EXPECT_EQ(energy[Component::kStatic], 700'000'000'000'000);
  EXPECT_EQ(energy[Component::kPs], 2'700'000'000'000'000);
  EXPECT_EQ(energy[Component::kClock], 300'000'000LL * 2'500'000);
  // One cycle of 3.33 ns, rounded down to a femtojoule.
  EXPECT_EQ(time_energy(board(), 1, 300'000'000)[Component::kStatic], 2'333'333);
}

TEST(Energy, CountedDramEnergyIsTakenAsItIs) {
  const DramUse use{.counted = true, .counted_fj = 12345, .bytes = 64};
  for (const Bound bound : {Bound::kLow, Bound::kNominal, Bound::kHigh}) {
    EXPECT_EQ(dram_energy(board(), use, 1000, 300'000'000, bound).total(), 12345);
  }
}

TEST(Energy, DramWithoutCommandsIsWeighedByBytesAndTime) {
  const DramUse use{.counted = false, .counted_fj = 0, .bytes = 64};
  // 300 cycles of 300 MHz are a microsecond: 420 mW make 0.42 uJ.
  EXPECT_EQ(dram_energy(board(), use, 300, 300'000'000)[Component::kDram],
            64 * 60'000 + 420'000'000);
}

TEST(Energy, PartsAddUpAndKernelsWithTimeMakeTheTotal) {
  const unsigned seed = 7;
  SCOPED_TRACE(seed);
  std::mt19937_64 random(seed);
  Energy kernels;
  Activity all;
  for (int kernel = 0; kernel < 50; ++kernel) {
    Activity activity;
    for (std::size_t i = 0; i < timing::kEventCount; ++i) {
      activity[static_cast<Event>(i)] = static_cast<std::int64_t>(random() % 1'000'000);
    }
    kernels += event_energy(board(), activity);
    all += activity;
  }
  const DramUse use{.counted = true, .counted_fj = 987'654'321, .bytes = 0};
  const Energy total = energy(board(), all, use, 123'457, 299'970'032);
  EXPECT_EQ(total, kernels + time_energy(board(), 123'457, 299'970'032) +
                       dram_energy(board(), use, 123'457, 299'970'032));
  std::int64_t sum = 0;
  for (std::size_t i = 0; i < kComponentCount; ++i) sum += total[static_cast<Component>(i)];
  EXPECT_EQ(sum, total.total());
}

TEST(Energy, BandHoldsTheNominalValue) {
  Activity activity;
  for (std::size_t i = 0; i < timing::kEventCount; ++i) activity[static_cast<Event>(i)] = 1;
  const auto total = [&](Bound bound) {
    return energy(board(), activity, {}, 1000, 300'000'000, bound).total();
  };
  EXPECT_LT(total(Bound::kLow), total(Bound::kNominal));
  EXPECT_LT(total(Bound::kNominal), total(Bound::kHigh));
}

}  // namespace
}  // namespace m3sim::cost
