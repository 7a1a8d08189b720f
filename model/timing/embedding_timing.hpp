// The task embedding's loop, which the published design does not have.
#pragma once
#include "model/timing/loop_timing.hpp"

namespace m3sim::timing {

/// An estimate: interval and depth of the gate's mat-vec, with the read inside the loop.
inline LoopTiming task_embedding_timing(const LoopConfig& mat_vec, const PortConfig& port) {
  LoopTiming loop = loop_timing(mat_vec, port);
  loop.take_stage = port.scheduled_latency;
  loop.depth += loop.take_stage;
  loop.put_stage = loop.depth - 1;
  return loop;
}

}  // namespace m3sim::timing
