#include "tlm/agent.hpp"

#include <stdexcept>
#include <string>

namespace m3sim::tlm_mem {

Agent::Agent(sc_core::sc_module_name name, const Clock& clock, ActOrder order, Failure& failure)
    : sc_module(name), clock_(clock), failure_(failure), order_ps_(static_cast<int>(order)) {
  SC_HAS_PROCESS(Agent);
  SC_METHOD(run);
  sensitive << wake_;
  dont_initialize();
}

void Agent::arm(Cycle cycle) {
  const auto now = static_cast<std::int64_t>(sc_core::sc_time_stamp().value());
  const std::int64_t due = clock_.edge_ps(cycle) + order_ps_;
  if (due < now) {
    throw std::logic_error(std::string(name()) + ": cycle " + std::to_string(cycle) +
                           " is over: something was posted too late");
  }
  wake_at_ = cycle;
  wake_.notify(sc_core::sc_time::from_value(static_cast<sc_dt::uint64>(due - now)));
}

void Agent::run() {
  const Cycle now = wake_at_;
  wake_at_ = kNever;
  try {
    act(now);
  } catch (...) {
    failure_.keep();
  }
}

}  // namespace m3sim::tlm_mem

// SystemC's library refers to it, for programs without a main() of their own. Every program with an agent
// has one; defined here, it is linked wherever it is needed.
int sc_main(int, char*[]) { return 0; }
