// Stages of a loop's ports from its configuration (timing contract, sections 3 and 6).
#pragma once
#include "model/config/loops.hpp"
#include "model/config/memory_config.hpp"
#include "model/timing/pipeline.hpp"

namespace m3sim::timing {

/// Stream writes and memory writes happen in the last stage; a loop that waits for its write
/// responses inside writes so much earlier; read data of requests in the loop is taken
/// `scheduled_latency` after the request.
inline LoopTiming loop_timing(const LoopConfig& loop, const PortConfig& port) {
  LoopTiming t;
  t.ii = loop.ii;
  t.depth = loop.depth;
  t.stalling = loop.style == PipelineStyle::kStalling;
  t.take_stage = loop.reads_in_loop > 0 ? port.scheduled_latency : 0;
  t.request_before_loop = loop.request_before_loop;
  t.request_wait = port.scheduled_latency;
  t.put_stage = loop.depth - 1;
  if (loop.writes_in_loop > 0) {
    t.put_stage = loop.depth - 1 - port.response_latency;
    t.response_stage = loop.depth - 1;
  }
  return t;
}

}  // namespace m3sim::timing
