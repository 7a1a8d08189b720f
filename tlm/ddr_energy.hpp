#pragma once

#include <cstdint>

#include "model/config/memory_config.hpp"
#include "tlm/ddr_channel.hpp"

namespace m3sim::tlm_mem {

/// DRAM energy by command and state, in femtojoules.
///
/// Core (the method of Micron TN-40-07, with each part above the standby that goes on meanwhile):
///   activate    VDD (IDD0 tRC - IDD3N tRAS - IDD2N tRP), with its precharge
///   read        VDD (IDD4R - IDD3N) burst      write   VDD (IDD4W - IDD3N) burst
///   refresh     VDD (IDD5AB - IDD3N) tRFC
///   background  VDD IDD3N in clocks with any bank of the rank open, VDD IDD2N in the others
/// each times tCK and the devices of a rank. Where rounding has made tRAS + tRP longer than tRC,
/// they are the row cycle that the current flows for.
///
/// Data lines, apart: POD termination (JESD79-4) draws VDD / (driver + termination) while a line is
/// low. Of the data half is taken as low, and of each byte's strobe pair one line always is. Lines
/// without termination take `io_fj_per_bit`.
struct DdrEnergy {
  std::int64_t activate = 0, read = 0, write = 0, refresh = 0, background = 0;
  std::int64_t io = 0;

  std::int64_t core() const { return activate + read + write + refresh + background; }
};

/// Energy of what a channel, or several alike, did: `stats.rank_cycles` clocks of all ranks.
DdrEnergy ddr_energy(const DdrConfig& config, const DdrStats& stats);

}  // namespace m3sim::tlm_mem
