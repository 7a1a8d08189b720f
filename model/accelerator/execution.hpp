// The two executions of one accelerator, as SystemC sees them (timing contract, sections 7 and 8).
#pragma once
#include <systemc>

#include <vector>

#include "model/engines/engine.hpp"
#include "model/timing/executor.hpp"
#include "tlm/memory_system.hpp"

namespace m3sim {

/// lockstep: the SystemC kernel steps every process at every clock edge. decoupled: processes run
/// ahead on local cycle counts and meet the memory system's time at requests, arrivals and buffer
/// tokens alone; the memory system's calendar leads.
enum class ExecutionKind { kLockstep, kDecoupled };

class Execution final : public sc_core::sc_module,
                        private timing::Sleeper,
                        private tlm_mem::Calendar::Member {
 public:
  SC_HAS_PROCESS(Execution);
  Execution(const sc_core::sc_module_name& name, ExecutionKind kind, const timing::Clock& clock,
            EdgeClock& edges, tlm_mem::MemorySystem& memory);

  /// Takes an engine's region in; before the simulation starts.
  void add(timing::Region& region);
  /// A region has been started: time goes on.
  void resume();
  /// Steps still have to end: if nothing can proceed, the run is stuck.
  void expect_work(bool expected) { work_expected_ = expected; }
  /// The clock edge of the calendar's now.
  timing::Cycle now() const;
  /// Events have run out: throws DeadlockError where a region is still at work.
  void expect_ended() const;
 private:
  void wake() override;
  void on_time() override;
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
  bool ticking_ = false, work_expected_ = false;
  timing::Cycle still_since_ = 0;
};

}  // namespace m3sim
