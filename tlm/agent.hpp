// A module that sleeps until the next cycle in which it can do something.
#pragma once
#include <systemc>

#include <utility>

#include "model/timing/cycle.hpp"
#include "tlm/calendar.hpp"

namespace m3sim::tlm_mem {

using timing::Clock;
using timing::Cycle;
using timing::kNever;

/// Agents of one cycle act after every process has seen it (timing contract, I4), and in this order, so
/// that nothing depends on the order in which they were made.
enum class ActOrder : int { kMaster = 1, kControllerPort = 2, kMemory = 3 };

class Agent : public sc_core::sc_module, protected Calendar::Member {
 public:
  Agent(const Agent&) = delete;
  Agent& operator=(const Agent&) = delete;

 protected:
  Agent(sc_core::sc_module_name name, const Clock& clock, ActOrder order, Calendar& calendar)
      : sc_module(name),
        Member(calendar),
        clock_(clock),
        order_ps_(static_cast<std::int64_t>(order)) {}

  /// The cycle that was agreed and has come. on_time(), which is called `order` ps after its edge, begins with
  /// this: from then on nothing is agreed.
  Cycle due() { return std::exchange(wake_at_, kNever); }
  /// Act in `cycle`, or sooner if that is already agreed. Cycles that are over are an internal error.
  void wake_at(Cycle cycle) {
    if (cycle >= wake_at_) return;
    wake_at_ = cycle;
    meet(clock_.edge_ps(cycle) + order_ps_);
  }
  /// Nothing is agreed: it acts only once something is posted or answered.
  bool asleep() const { return wake_at_ == kNever; }
  const Clock& clock() const { return clock_; }

 private:
  const Clock& clock_;
  std::int64_t order_ps_;
  Cycle wake_at_ = kNever;
};

}  // namespace m3sim::tlm_mem
