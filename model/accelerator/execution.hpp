// The two executions of one accelerator, as SystemC sees them (timing contract, sections 7 and 8).
#pragma once
#include <systemc>

#include <exception>
#include <vector>

#include "model/engines/engine.hpp"
#include "model/timing/executor.hpp"
#include "tlm/memory_system.hpp"

namespace m3sim {

/// lockstep: the SystemC kernel steps every process at every clock edge. decoupled: processes run
/// ahead on local cycle counts and meet SystemC time at memory requests, arrivals and buffer tokens
/// alone.
enum class ExecutionKind { kLockstep, kDecoupled };

class Execution final : public sc_core::sc_module, private timing::Sleeper {
 public:
  SC_HAS_PROCESS(Execution);
  Execution(const sc_core::sc_module_name& name, ExecutionKind kind, const timing::Clock& clock,
            EdgeClock& edges, const tlm_mem::MemorySystem& memory);

  /// Takes an engine's region in; before the simulation starts.
  void add(timing::Region& region);
  /// A region has been started: time goes on.
  void resume();
  /// Steps still have to end: if nothing can proceed, the run is stuck.
  void expect_work(bool expected) { work_expected_ = expected; }
  /// The clock edge of SystemC's now.
  timing::Cycle now() const;
  /// Events have run out: throws DeadlockError where a region is still at work.
  void expect_ended() const;
  /// Rethrows what stopped the simulation: DeadlockError, HazardError.
  void rethrow_failure() const {
    if (failure_) std::rethrow_exception(failure_);
    if (edges_.failure) std::rethrow_exception(edges_.failure);
  }
  /// Runs `body`; keeps what it throws and stops the simulation.
  template <class Body>
  void guard(Body&& body) {
    try {
      body();
    } catch (...) {
      if (!failure_) failure_ = std::current_exception();
      sc_core::sc_stop();
    }
  }

 private:
  void wake() override;
  void run_ahead();
  void tick();
  [[noreturn]] void deadlock() const;
  bool stuck() const;

  ExecutionKind kind_;
  const timing::Clock& clock_;
  EdgeClock& edges_;
  const tlm_mem::MemorySystem& memory_;
  timing::DecoupledExecutor executor_;
  std::vector<const timing::Region*> regions_;
  sc_core::sc_event wake_;
  bool woken_ = false, ticking_ = false, work_expected_ = false;
  timing::Cycle last_move_ = 0, still_since_ = 0;
  std::exception_ptr failure_;
};

}  // namespace m3sim
