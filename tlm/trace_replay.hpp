#pragma once

#include <cstdint>
#include <vector>

#include "model/config/memory_config.hpp"
#include "tlm/ddr_channel.hpp"
#include "tlm/trace_file.hpp"

namespace m3sim::tlm_mem {

struct ReplayOptions {
  int window = 0;            ///< reads outstanding; 0: as many as the queue holds
  bool times_in_ns = false;  ///< else in memory clocks
  std::vector<DdrCommand>* commands = nullptr;  ///< where to record the command stream
};

/// Read latencies in memory clocks: last data beat - acceptance.
class LatencyHistogram {
 public:
  void add(Cycle latency);
  std::uint64_t count() const { return count_; }
  double mean() const;
  Cycle min() const;
  Cycle max() const { return static_cast<Cycle>(counts_.size()) - 1; }
  /// The smallest latency that at least this share of the reads does not exceed.
  Cycle percentile(double share) const;

 private:
  std::vector<std::uint64_t> counts_;
  std::uint64_t count_ = 0, sum_ = 0;
};

struct ReplayResult {
  std::uint64_t reads = 0, writes = 0;  ///< requests of the trace
  std::uint64_t bytes = 0;              ///< that they asked for
  Cycle total_cycles = 0;               ///< end of the last data, from clock 0
  DdrStats stats;
  LatencyHistogram latency;
};

/// Sends a trace through the controller alone: strict file order, at most one line offered each
/// clock before the next clock's command, head-of-line blocking. A request of several lines is as
/// many accesses; its latency runs from the first acceptance to the last data.
ReplayResult replay(const DdrConfig& config, const std::vector<TraceRequest>& trace,
                    const ReplayOptions& options);

/// The limits that a memory puts on a trace.
TraceLimits trace_limits(const DdrConfig& config);

}  // namespace m3sim::tlm_mem
