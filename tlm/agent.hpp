// A module that sleeps until the next cycle in which it can do something.
#pragma once
#include <systemc>

#include <exception>

#include "model/timing/cycle.hpp"

namespace m3sim::tlm_mem {

using timing::Clock;
using timing::Cycle;
using timing::kNever;

/// Agents of one cycle act after every process has seen it (timing contract, I4), and in this order, so
/// that nothing depends on the order in which SystemC runs its methods.
enum class ActOrder : int { kMaster = 1, kControllerPort = 2, kMemory = 3 };

/// The first exception thrown inside an agent: SystemC would wrap it into a report of its own.
class Failure {
 public:
  /// Keeps the exception in flight and stops the simulation.
  void keep() {
    if (!first_) first_ = std::current_exception();
    sc_core::sc_stop();
  }
  void rethrow() const {
    if (first_) std::rethrow_exception(first_);
  }

 private:
  std::exception_ptr first_;
};

class Agent : public sc_core::sc_module {
 public:
  Agent(const Agent&) = delete;
  Agent& operator=(const Agent&) = delete;

 protected:
  Agent(sc_core::sc_module_name name, const Clock& clock, ActOrder order, Failure& failure);

  /// Called `order` ps after edge `now` of the clock.
  virtual void act(Cycle now) = 0;
  /// Act in `cycle`, or sooner if that is already agreed. Cycles that are over are an internal error.
  void wake_at(Cycle cycle) {
    if (cycle < wake_at_) arm(cycle);
  }
  /// Nothing is agreed: it acts only once something is posted or answered.
  bool asleep() const { return wake_at_ == kNever; }
  const Clock& clock() const { return clock_; }

 private:
  void arm(Cycle cycle);
  void run();

  const Clock& clock_;
  Failure& failure_;
  std::int64_t order_ps_;
  Cycle wake_at_ = kNever;
  sc_core::sc_event wake_;
};

}  // namespace m3sim::tlm_mem
