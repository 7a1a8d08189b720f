#include "model/accelerator/execution.hpp"

#include <algorithm>

#include "model/timing/deadlock.hpp"

namespace m3sim {

using timing::Cycle;

namespace {

/// Lockstep looks for a deadlock when no process has moved for so many cycles: longer than any
/// answer of an idle memory is on its way.
constexpr Cycle kStillCycles = 4096;

std::int64_t picoseconds(const sc_core::sc_time& time) {
  return static_cast<std::int64_t>(time.value() / sc_core::sc_time(1, sc_core::SC_PS).value());
}

/// From now until a time in picoseconds.
sc_core::sc_time after(std::int64_t ps) {
  return sc_core::sc_time(static_cast<double>(ps - picoseconds(sc_core::sc_time_stamp())),
                          sc_core::SC_PS);
}

}  // namespace

Execution::Execution(const sc_core::sc_module_name& name, ExecutionKind kind,
                     const timing::Clock& clock, EdgeClock& edges,
                     const tlm_mem::MemorySystem& memory)
    : sc_core::sc_module(name),
      kind_(kind),
      clock_(clock),
      edges_(edges),
      memory_(memory),
      executor_(this) {
  if (kind == ExecutionKind::kDecoupled) {
    SC_METHOD(run_ahead);
  } else {
    SC_METHOD(tick);
  }
  sensitive << wake_;
  dont_initialize();
}

void Execution::add(timing::Region& region) {
  regions_.push_back(&region);
  if (kind_ == ExecutionKind::kDecoupled) {
    executor_.add(region);
    region.use(&executor_);
  }
}

Cycle Execution::now() const {
  return clock_.first_edge_at_or_after(picoseconds(sc_core::sc_time_stamp()));
}

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
  if (woken_ || kind_ == ExecutionKind::kLockstep) return;
  woken_ = true;
  wake_.notify(sc_core::SC_ZERO_TIME);
}

void Execution::run_ahead() {
  woken_ = false;
  guard([this] {
    for (;;) {
      executor_.run();
      // Everything of this instant happens before processes look beyond it.
      if (sc_core::sc_pending_activity_at_current_time()) {
        wake();
        return;
      }
      Cycle next_event = timing::kNever - 1;
      if (sc_core::sc_pending_activity_at_future_time()) {
        const auto next = sc_core::sc_time_stamp() + sc_core::sc_time_to_pending_activity();
        next_event = clock_.first_edge_at_or_after(picoseconds(next) + 1) - 1;
      }
      const Cycle posted = executor_.settle_before(next_event);
      if (posted <= next_event) continue;
      if (posted < timing::kNever)
        wake_.notify(after(clock_.edge_ps(posted)));
      else if (next_event == timing::kNever - 1 && work_expected_)
        deadlock();
      return;
    }
  });
}

void Execution::tick() {
  const bool runs =
      std::any_of(regions_.begin(), regions_.end(), [](const auto* r) { return r->running(); });
  if (!runs) {
    ticking_ = false;
    return;
  }
  guard([this] {
    edges_.cycle = now();
    if (edges_.cycle - still_since_ >= kStillCycles) {
      if (stuck()) deadlock();
      still_since_ = edges_.cycle;
    }
    edges_.edge.notify(sc_core::SC_ZERO_TIME);
    next_trigger(after(clock_.edge_ps(edges_.cycle + 1)));
  });
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
