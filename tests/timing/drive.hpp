// Runs a region to its end in one of the two executions, without SystemC.
#pragma once
#include "model/timing/executor.hpp"
#include "model/timing/region.hpp"

namespace m3sim::test {

enum class Execution { kLockstep, kDecoupled };

struct Outcome {
  bool ended = false;
  timing::Cycle end = 0;        ///< of the region
  timing::Cycle last_move = 0;  ///< where it did not end
};

inline Outcome drive(timing::Region& region, Execution execution, timing::Cycle first = 1,
                     int iterations = 1) {
  Outcome outcome;
  region.on_end([&](timing::Region&, timing::Cycle end) { outcome = {true, end, 0}; });
  if (execution == Execution::kDecoupled) {
    timing::DecoupledExecutor executor;
    region.use(&executor);
    region.start(first, iterations);
    do executor.run();
    while (executor.settle_before(timing::kNever - 1) < timing::kNever);
  } else {
    region.use(nullptr);
    region.start(first, iterations);
    timing::Cycle cycle = first;
    for (bool alive = true; !outcome.ended && alive; ++cycle) {
      region.step(cycle);
      alive = region.stirs(cycle);
      // A word published for a later cycle is progress, too: the fake memory publishes far ahead.
      for (int look = 0; !alive && look < 400 && !outcome.ended; ++look) {
        region.step(++cycle);
        alive = region.stirs(cycle);
      }
    }
  }
  for (const auto& process : region.processes())
    outcome.last_move = std::max(outcome.last_move, process->last_move());
  return outcome;
}

}  // namespace m3sim::test
