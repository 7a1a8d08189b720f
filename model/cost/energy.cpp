#include "model/cost/energy.hpp"

namespace m3sim::cost {
namespace {

__extension__ using Wide = __int128;

/// Femtojoules of a power over a time, rounded down: 1 mW is 10^12 fJ a second.
std::int64_t power_fj(std::int64_t milliwatts, timing::Cycle cycles, std::int64_t clock_hz) {
  return static_cast<std::int64_t>(Wide{milliwatts} * 1'000'000'000'000 * cycles / clock_hz);
}

}  // namespace

Energy event_energy(const EnergyTable& table, const timing::Activity& activity, Bound bound) {
  Energy result;
  for (std::size_t i = 0; i < timing::kEventCount; ++i) {
    const auto event = static_cast<timing::Event>(i);
    result[table[event].group] += activity[event] * table[event].at(bound);
  }
  return result;
}

Energy time_energy(const EnergyTable& table, timing::Cycle cycles, std::int64_t clock_hz,
                   Bound bound) {
  Energy result;
  const EnergyRow& clock = table[Supply::kPlCycle];
  result[clock.group] += cycles * clock.at(bound);
  for (const Supply supply : {Supply::kPlStatic, Supply::kPs}) {
    const EnergyRow& row = table[supply];
    result[row.group] += power_fj(row.at(bound), cycles, clock_hz);
  }
  return result;
}

Energy dram_energy(const EnergyTable& table, const DramUse& use, timing::Cycle cycles,
                   std::int64_t clock_hz, Bound bound) {
  Energy result;
  if (use.counted) {
    result[Component::kDram] = use.counted_fj;
    return result;
  }
  const EnergyRow& byte = table[Supply::kDramByte];
  const EnergyRow& standby = table[Supply::kDramStandby];
  result[byte.group] += use.bytes * byte.at(bound);
  result[standby.group] += power_fj(standby.at(bound), cycles, clock_hz);
  return result;
}

Energy energy(const EnergyTable& table, const timing::Activity& activity, const DramUse& use,
              timing::Cycle cycles, std::int64_t clock_hz, Bound bound) {
  return event_energy(table, activity, bound) + time_energy(table, cycles, clock_hz, bound) +
         dram_energy(table, use, cycles, clock_hz, bound);
}

}  // namespace m3sim::cost
