// Which step every cycle of a task belongs to.
#pragma once

#include <array>
#include <vector>

#include "model/accelerator/run_record.hpp"

namespace m3sim::report {

/// A part's share of a task. A cycle belongs to the compute kernel that runs in it (to the one that
/// ends last, if several do), else to the load that runs in it and is thereby exposed.
struct PartTime {
  timing::Cycle compute = 0;
  timing::Cycle exposed_load = 0;
  /// Of the part's compute kernels, each by its critical process.
  timing::CycleAccount account;
  timing::Cycle kernel_cycles = 0;  ///< of its compute kernels, overlapping or not
};

struct Timeline {
  std::array<PartTime, kPartCount> parts{};
  timing::Cycle control = 0;         ///< no kernel runs
  std::vector<timing::Cycle> owned;  ///< per kernel: cycles that belong to it
  std::vector<timing::Cycle> alone;  ///< per kernel: of those, in which nothing else runs

  const PartTime& operator[](Part part) const { return parts[static_cast<std::size_t>(part)]; }
  PartTime& operator[](Part part) { return parts[static_cast<std::size_t>(part)]; }
};

/// All of a task's cycles: the parts' compute and exposed loads and `control` add up to them.
/// Kernels count within the task's interval only.
Timeline timeline(const TaskRecord& task);

/// Cycles a process worked or waited for its own memory accesses: what it would take if all other
/// processes were infinitely fast.
timing::Cycle own_cycles(const timing::CycleAccount& account);

/// The process that speaks for a kernel: the one with the most own cycles, the first of several.
/// Being held by a full output does not count, because the cause of it is another process.
/// Nullptr for a kernel without processes.
const ProcessRecord* critical_process(const KernelRecord& kernel);

/// Cycles of a kernel that are in no process's account: the controller's start and done.
timing::Cycle control_cycles(const KernelRecord& kernel);

}  // namespace m3sim::report
