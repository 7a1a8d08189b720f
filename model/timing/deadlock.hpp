// The report of a run that cannot proceed (timing contract, section 11).
#pragma once
#include <string>
#include <vector>

#include "model/config/error.hpp"
#include "model/timing/cycle.hpp"
#include "model/timing/region.hpp"

namespace m3sim::timing {

/// The last cycle in which a process of these regions moved.
Cycle last_move(const std::vector<const Region*>& regions);

/// Names every waiting process of the running regions (for which stream or memory channel, since
/// which cycle) and the loop of waits: each process waits for the one at the other end of its
/// stream. The text is the same in both executions. `cycle` is the time of the deadlock:
/// last_move(), unless something outside moved later.
std::string describe_deadlock(const std::vector<const Region*>& regions, Cycle cycle);

/// Nothing can proceed; exit code 3.
class DeadlockError : public SimulationError {
 public:
  DeadlockError(const std::vector<const Region*>& regions, Cycle cycle)
      : SimulationError(describe_deadlock(regions, cycle)) {}
};

}  // namespace m3sim::timing
