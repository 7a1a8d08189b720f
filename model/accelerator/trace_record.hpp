// What a traced window of a run looked like over time, as plain data: what the trace writers print.
//
// Cycles are those of the accelerator's clock. Time is cut into intervals of `resolution` cycles;
// kernels and bank uses are exact, all else is a figure for each interval. At resolution 1 all is.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "model/timing/cause_log.hpp"

namespace m3sim {

/// Which part of a run is traced.
struct TraceWindow {
  int layer = -1, task = -1;  ///< of the steps; -1: all
  timing::TraceScale scale{256};
};

/// The cause with most cycles in each of the intervals of [start, end); the first in order of
/// precedence where several have as many.
struct StateRun {
  timing::Cycle start = 0, end = 0;
  timing::Cause cause = timing::Cause::kIdle;
};

/// From cycle `at` on, until the next point.
struct CounterPoint {
  timing::Cycle at = 0;
  std::int64_t value = 0;
};

struct ProcessTrack {
  std::string engine, name;
  std::vector<StateRun> states;  ///< without kIdle
};

struct StreamTrack {
  std::string engine, name;
  int depth = 0;
  std::vector<CounterPoint> fill;  ///< mean items in the interval, in hundredths
};

/// Traffic of a port of the kernel ("inout1 read") or of the DRAM ("dram read").
struct TrafficTrack {
  std::string name;
  std::vector<CounterPoint> bytes;  ///< in the interval
};

struct KernelSpan {
  std::string engine, name, task;
  int layer = -1, expert = -1;
  bool is_load = false;
  int tokens = 0;  ///< of an expert's queue
  std::int64_t bytes_read = 0, bytes_written = 0;
  timing::Cycle start = 0, end = 0;
};

/// A weight bank is filled or computed from by a kernel.
struct BankUse {
  int bank = 0;
  bool fills = false;
  std::string kernel;
  timing::Cycle start = 0, end = 0;
};

struct TraceRecord {
  std::int64_t clock_hz = 0;
  timing::TraceScale scale;
  timing::Cycle start = 0, end = 0;  ///< of what was recorded
  int banks = 0;                     ///< of weights; behind them those of the expert cache
  std::vector<KernelSpan> kernels;   ///< in order of their start
  std::vector<ProcessTrack> processes;
  std::vector<StreamTrack> streams;
  std::vector<TrafficTrack> traffic;
  std::vector<BankUse> bank_uses;
};

}  // namespace m3sim
