#include "model/accelerator/execution.hpp"

#include <algorithm>

#include "model/timing/deadlock.hpp"

namespace m3sim {

using timing::Cycle;

namespace {

/// Lockstep looks for a deadlock when no process has moved for so many cycles: longer than any
/// answer of an idle memory is on its way.
constexpr Cycle kStillCycles = 4096;

}  // namespace

Execution::Execution(const sc_core::sc_module_name& name, ExecutionKind kind,
                     const timing::Clock& clock, EdgeClock& edges, tlm_mem::MemorySystem& memory)
    : sc_core::sc_module(name),
      Member(memory.calendar()),
      kind_(kind),
      clock_(clock),
      edges_(edges),
      memory_(memory),
      executor_(this) {
  if (kind == ExecutionKind::kDecoupled) {
    calendar().lead();
    return;
  }
  SC_METHOD(tick);
  sensitive << wake_;
  dont_initialize();
}

void Execution::add(timing::Region& region) {
  regions_.push_back(&region);
  if (kind_ == ExecutionKind::kDecoupled) region.use(&executor_);
}

Cycle Execution::now() const { return clock_.first_edge_at_or_after(calendar().now()); }

void Execution::resume() {
  if (kind_ == ExecutionKind::kDecoupled) {
    wake();
  } else if (!ticking_) {
    ticking_ = true;
    still_since_ = now();
    wake_.notify(sc_core::SC_ZERO_TIME);
  }
}

void Execution::wake() {
  if (kind_ == ExecutionKind::kDecoupled) close_instant();
}

// Everything else of this instant has happened.
[[gnu::hot]] void Execution::on_time() {
  const std::int64_t now = calendar().now();
  cancel();
  for (;;) {
    executor_.run();
    const std::int64_t next = calendar().next();
    if (next == now) return close_instant();  // processes do not look beyond this instant yet
    const bool nothing = next == tlm_mem::Calendar::kNoTime;
    if (!nothing && !executor_.waits()) return;
    const Cycle next_event =
        nothing ? timing::kNever - 1 : clock_.first_edge_at_or_after(next + 1) - 1;
    const Cycle posted = executor_.settle_before(next_event);
    if (posted <= next_event) continue;
    if (posted < timing::kNever)
      meet(clock_.edge_ps(posted));
    else if (nothing && work_expected_)
      deadlock();
    return;
  }
}

void Execution::tick() try {
  const bool runs =
      std::any_of(regions_.begin(), regions_.end(), [](const auto* r) { return r->running(); });
  if (!runs) {
    ticking_ = false;
    return;
  }
  edges_.cycle = now();
  if (edges_.cycle - still_since_ >= kStillCycles) {
    if (stuck()) deadlock();
    still_since_ = edges_.cycle;
  }
  edges_.edge.notify(sc_core::SC_ZERO_TIME);
  const std::int64_t next = clock_.edge_ps(edges_.cycle + 1) - tlm_mem::Calendar::systemc_now();
  next_trigger(sc_core::sc_time::from_value(static_cast<sc_dt::uint64>(next)));
} catch (...) {
  calendar().fail();
}

bool Execution::stuck() const {
  const Cycle moved = timing::last_move(regions_);
  return edges_.cycle - moved >= kStillCycles && memory_.idle() &&
         std::none_of(regions_.begin(), regions_.end(),
                      [this](const auto* r) { return r->running() && r->stirs(edges_.cycle); });
}

void Execution::expect_ended() const {
  if (std::any_of(regions_.begin(), regions_.end(), [](const auto* r) { return r->running(); }))
    deadlock();
}

void Execution::deadlock() const {
  throw timing::DeadlockError(regions_, timing::last_move(regions_));
}

}  // namespace m3sim
