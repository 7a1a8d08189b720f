#include "tlm/ddr_energy.hpp"

#include <algorithm>
#include <cmath>

namespace m3sim::tlm_mem {
namespace {

// Millivolts times microamperes times picoseconds are zeptojoules: integers throughout.
constexpr std::int64_t kZeptoPerFemto = 1'000'000;

/// count x event, in femtojoules, without overflow or rounding before the end.
std::int64_t times(std::int64_t event_zj, std::int64_t count) {
  return event_zj / kZeptoPerFemto * count + event_zj % kZeptoPerFemto * count / kZeptoPerFemto;
}

}  // namespace

DdrEnergy ddr_energy(const DdrConfig& c, const DdrStats& stats) {
  const std::int64_t millivolts = std::llround(c.vdd_v * 1000);
  const auto microamperes = [](double milliamperes) { return std::llround(milliamperes * 1000); };
  const std::int64_t idd0 = microamperes(c.idd0_ma), idd2n = microamperes(c.idd2n_ma);
  const std::int64_t idd3n = microamperes(c.idd3n_ma);
  /// Zeptojoules of one rank for a charge in microampere clocks.
  const auto rank_zj = [&](std::int64_t charge) {
    return millivolts * charge * c.tck_ps() * c.devices_per_rank();
  };
  const auto count = [](std::uint64_t n) { return static_cast<std::int64_t>(n); };

  const int row_cycle = std::max(c.trc, c.tras + c.trp);

  DdrEnergy e;
  e.activate =
      times(rank_zj(idd0 * row_cycle - idd3n * c.tras - idd2n * c.trp), count(stats.activates));
  e.read =
      times(rank_zj((microamperes(c.idd4r_ma) - idd3n) * c.burst_cycles()), count(stats.reads));
  e.write =
      times(rank_zj((microamperes(c.idd4w_ma) - idd3n) * c.burst_cycles()), count(stats.writes));
  e.refresh = times(rank_zj((microamperes(c.idd5ab_ma) - idd3n) * c.trfc), count(stats.refreshes));
  e.background = times(rank_zj(idd3n), stats.open_cycles) +
                 times(rank_zj(idd2n), stats.rank_cycles - stats.open_cycles);

  const std::int64_t data_bits = std::int64_t{c.bus_width} * c.burst_length;
  std::int64_t burst_zj = data_bits * c.io_fj_per_bit * kZeptoPerFemto;
  if (c.io_termination_ohm > 0) {
    const std::int64_t driven_bits = data_bits / 2 + data_bits / 8;
    // Millivolts squared times picoseconds over ohms are attojoules; a bit lasts half a clock.
    burst_zj += driven_bits * millivolts * millivolts * c.tck_ps() * 1000 /
                (2 * std::int64_t{c.io_driver_ohm + c.io_termination_ohm});
  }
  e.io = times(burst_zj, count(stats.reads + stats.writes));
  return e;
}

}  // namespace m3sim::tlm_mem
